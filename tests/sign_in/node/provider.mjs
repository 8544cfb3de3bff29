// A certified OpenID provider on a loopback port: client credentials with a private key, access tokens as JWTs.
// Arguments: port, file of the provider's private keys (JWKS), file of the client's public keys (JWKS), audience.
import { readFileSync } from "node:fs";
import Provider from "oidc-provider";

const [port, keys, clientKeys, audience] = process.argv.slice(2);
const read = (path) => JSON.parse(readFileSync(path, "utf8"));
const issuer = `http://127.0.0.1:${port}`;

const provider = new Provider(issuer, {
  jwks: read(keys),
  clients: [{
    client_id: "orders-ci",
    token_endpoint_auth_method: "private_key_jwt",
    token_endpoint_auth_signing_alg: "ES256",
    jwks: read(clientKeys),
    grant_types: ["client_credentials"],
    redirect_uris: [],
    response_types: [],
    id_token_signed_response_alg: "ES256",
  }],
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: () => ({
        scope: "registry",
        audience,
        accessTokenFormat: "jwt",
        accessTokenTTL: 300,
        jwt: { sign: { alg: "ES256" } },
      }),
    },
  },
});
provider.listen(Number(port), "127.0.0.1", () => console.log("listening"));

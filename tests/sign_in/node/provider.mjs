// A certified OpenID provider on a loopback port: client credentials with a private key, people by forms, access tokens
// as JWTs. Arguments: port, file of the provider's private keys (JWKS), file of the client's public keys (JWKS),
// audience, and the address of the registry whose pages people sign in to.
import { readFileSync } from "node:fs";
import Provider from "oidc-provider";

const [port, keys, clientKeys, audience, pages = "http://127.0.0.1:1"] = process.argv.slice(2);
const read = (path) => JSON.parse(readFileSync(path, "utf8"));
const issuer = `http://127.0.0.1:${port}`;
const GROUPS = { ann: ["shop-team"], ben: ["readers"], eve: [] };

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
  }, {
    client_id: "moorings-pages",
    token_endpoint_auth_method: "none",
    grant_types: ["authorization_code"],
    response_types: ["code"],
    redirect_uris: [`${pages}/admin/callback`],
    post_logout_redirect_uris: [`${pages}/admin/login`],
    backchannel_logout_uri: `${pages}/admin/issuer-logout`,
    backchannel_logout_session_required: true,
    application_type: "native",
    id_token_signed_response_alg: "ES256",
  }, {
    client_id: "moorings-command",
    token_endpoint_auth_method: "none",
    grant_types: ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
    response_types: ["code"],
    redirect_uris: ["http://127.0.0.1/callback"],
    application_type: "native",
    id_token_signed_response_alg: "ES256",
  }],
  claims: { openid: ["sub", "groups", "name"], auth_time: null, sid: null },
  conformIdTokenClaims: false,
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => ({ sub: id, name: `${id[0].toUpperCase()}${id.slice(1)} of the shop`, groups: GROUPS[id] ?? [] }),
  }),
  // A person's access token says what their ID token says of groups.
  extraTokenClaims: (_context, token) => (token.accountId ? { groups: GROUPS[token.accountId] ?? [] } : undefined),
  pkce: { required: () => true },
  scopes: ["openid", "offline_access", "registry"],
  rotateRefreshToken: true,
  cookies: { keys: ["of a test"] },
  features: {
    clientCredentials: { enabled: true },
    deviceFlow: { enabled: true },
    revocation: { enabled: true },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: { enabled: true },
    devInteractions: { enabled: true },
    resourceIndicators: {
      enabled: true,
      useGrantedResource: () => true,
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
provider.on("server_error", (_context, error) => console.error(error));
provider.listen(Number(port), "127.0.0.1", () => console.log("listening"));

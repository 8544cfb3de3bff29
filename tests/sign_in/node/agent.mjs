// Drives @confluentinc/schemaregistry with tokens of an agent. Arguments: the registry's URL and the agent's.
// It asks twice, with a pause for the token to be renewed, and prints how each was answered.
import official from '@confluentinc/schemaregistry'

const [url, agent, pause] = process.argv.slice(2)
const client = new official.SchemaRegistryClient({
  baseURLs: [url],
  maxRetries: 0,
  bearerAuthCredentials: {
    credentialsSource: 'OAUTHBEARER_AZURE_IMDS',
    issuerEndpointUrl: agent,
    logicalCluster: 'moorings',
  },
})
const seen = []
for (const wait of [0, Number(pause)]) {
  await new Promise((resolve) => setTimeout(resolve, wait))
  try {
    seen.push((await client.getAllSubjects()).length >= 0 ? 200 : 0)
  } catch (error) {
    seen.push(error.status)
  }
}
console.log(JSON.stringify({ seen }))

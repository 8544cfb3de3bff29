// Drives @confluentinc/schemaregistry against a topic whose only major is retired, and prints what it saw.
// Arguments: the registry's URL, the topic, the text of the schema, and a stored event in hex.
import official from '@confluentinc/schemaregistry'

const { SchemaRegistryClient, SerdeType, AvroSerializer, AvroDeserializer } = official
const [url, topic, schema, stored] = process.argv.slice(2)
const modes = {
  register: { autoRegisterSchemas: true },
  lookup: { autoRegisterSchemas: false },
  latest: { autoRegisterSchemas: false, useLatestVersion: true },
}
const seen = {}
for (const [mode, settings] of Object.entries(modes)) {
  const client = new SchemaRegistryClient({ baseURLs: [url] })
  const info = { schemaType: 'AVRO', schema }
  try {
    if (mode === 'register') await client.register(`${topic}-value`, info)
    else if (mode === 'lookup') await client.getId(`${topic}-value`, info)
    else await new AvroSerializer(client, SerdeType.VALUE, settings).serialize(topic, { id: 'o-9' })
    seen[mode] = 'accepted'
  } catch (error) {
    seen[mode] = String(error.message)
  }
}
const reader = new AvroDeserializer(new SchemaRegistryClient({ baseURLs: [url] }), SerdeType.VALUE, {})
seen.read = await reader.deserialize(topic, Buffer.from(stored, 'hex'))
console.log(JSON.stringify(seen))
process.exit(0)

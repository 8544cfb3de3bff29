// Reads with @confluentinc/schemaregistry an event that another client encrypted, and writes one: URL, topic, format, hex.
import official from '@confluentinc/schemaregistry'

const { SchemaRegistryClient, SerdeType, FieldEncryptionExecutor, LocalKmsDriver } = official
const [, , url, topic, kind, hex] = process.argv
LocalKmsDriver.register()
FieldEncryptionExecutor.register()
const client = new SchemaRegistryClient({ baseURLs: [url] })
const ruleConfig = { secret: 'a secret of this test' }
const [Serializer, Deserializer] =
  kind === 'AVRO'
    ? [official.AvroSerializer, official.AvroDeserializer]
    : [official.JsonSerializer, official.JsonDeserializer]
const writer = new Serializer(client, SerdeType.VALUE, { useLatestVersion: true, ruleConfig })
const reader = new Deserializer(client, SerdeType.VALUE, { ruleConfig })
const read = await reader.deserialize(topic, Buffer.from(hex, 'hex'))
const written = await writer.serialize(topic, { id: 'o-1', email: 'ann@example.com' })
console.log(JSON.stringify({ read, written: written.toString('hex') }))

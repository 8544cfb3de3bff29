// Drives @confluentinc/schemaregistry against the registry whose URL is the one argument, and prints what it saw.
import { create, createFileRegistry, fromBinary } from '@bufbuild/protobuf'
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt'
import official from '@confluentinc/schemaregistry'

const { SchemaRegistryClient, SerdeType, Compatibility } = official
const client = new SchemaRegistryClient({ baseURLs: [process.argv[2]] })
const seen = {}
const avro = (...extra) => ({
  schemaType: 'AVRO',
  schema: JSON.stringify({
    type: 'record',
    name: 'Order',
    namespace: 'official',
    fields: [{ name: 'id', type: 'string' }, ...extra],
  }),
})

const plain = new official.AvroSerializer(client, SerdeType.VALUE, { useLatestVersion: true })
const reader = new official.AvroDeserializer(client, SerdeType.VALUE, {})
const first = await client.register('official-avro-value', avro())
seen.avro = await reader.deserialize('official-avro', await plain.serialize('official-avro', { id: 'o-1' }))
seen.again = (await client.register('official-avro-value', avro())) === first
seen.lookup = (await client.getId('official-avro-value', avro())) === first
await client.register('official-avro-value', avro({ name: 'note', type: 'string', default: '' }))
seen.versions = await client.getAllVersions('official-avro-value')
seen.metadata = (await client.getSchemaMetadata('official-avro-value', 2)).version
seen.compatible = await client.testSubjectCompatibility('official-avro-value', avro({ name: 'total', type: 'int' }))
try {
  await client.register('official-avro-value', avro({ name: 'total', type: 'int' }))
} catch (error) {
  seen.refused = { status: error.status, code: error.errorCode }
}
await client.updateCompatibility('official-avro-value', Compatibility.FULL)
seen.level = await client.getCompatibility('official-avro-value')

const jsonSchema = {
  schemaType: 'JSON',
  schema: JSON.stringify({ type: 'object', properties: { id: { type: 'string' } }, required: ['id'] }),
}
await client.register('official-json-value', jsonSchema)
const jsonWriter = new official.JsonSerializer(client, SerdeType.VALUE, { useLatestVersion: true, validate: true })
const jsonReader = new official.JsonDeserializer(client, SerdeType.VALUE, {})
seen.json = await jsonReader.deserialize('official-json', await jsonWriter.serialize('official-json', { id: 'o-2' }))

const proto = { schemaType: 'PROTOBUF', schema: 'syntax = "proto3"; package official; message Order { string id = 1; }' }
const protoId = await client.register('official-source-value', proto)
const info = await client.getBySubjectAndId('official-source-value', protoId, 'serialized')
const file = fromBinary(FileDescriptorProtoSchema, Buffer.from(info.schema, 'base64'))
const files = createFileRegistry(file, () => undefined)
const order = files.getMessage('official.Order')
const protoWriter = new official.ProtobufSerializer(client, SerdeType.VALUE, { registry: files, autoRegisterSchemas: true })
protoWriter.registry.add(order)
const protoReader = new official.ProtobufDeserializer(client, SerdeType.VALUE, {})
const bytes = await protoWriter.serialize('official-proto', create(order, { id: 'o-3' }))
seen.protobuf = (await protoReader.deserialize('official-proto', bytes)).id

await client.register('official-line', {
  schemaType: 'AVRO',
  schema: JSON.stringify({ type: 'record', name: 'Line', namespace: 'official', fields: [{ name: 'sku', type: 'string' }] }),
})
await client.register('official-using-value', {
  ...avro({ name: 'line', type: 'official.Line' }),
  references: [{ name: 'official.Line', subject: 'official-line', version: 1 }],
})
const using = { id: 'o-4', line: { sku: 's' } }
seen.avroReference = await reader.deserialize('official-using', await plain.serialize('official-using', using))
await client.register('official-address', {
  schemaType: 'JSON',
  schema: JSON.stringify({ type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }),
})
await client.register('official-person-value', {
  schemaType: 'JSON',
  schema: JSON.stringify({ type: 'object', properties: { home: { $ref: 'address.json' } } }),
  references: [{ name: 'address.json', subject: 'official-address', version: 1 }],
})
const person = { home: { city: 'London' } }
seen.jsonReference = await jsonReader.deserialize('official-person', await jsonWriter.serialize('official-person', person))
try {
  await jsonWriter.serialize('official-person', { home: {} })
} catch (error) {
  seen.jsonRefused = error.constructor.name
}
const inHeader = new official.AvroSerializer(client, SerdeType.VALUE, {
  useLatestVersion: true,
  schemaIdSerializer: official.HeaderSchemaIdSerializer,
})
const headers = {}
const bare = await inHeader.serialize('official-avro', { id: 'o-5' }, headers)
seen.header = { names: Object.keys(headers), value: await reader.deserialize('official-avro', bare, headers) }
seen.deleted = await client.deleteSubject('official-avro-value')
seen.purged = await client.deleteSubject('official-avro-value', true)
console.log(JSON.stringify(seen))

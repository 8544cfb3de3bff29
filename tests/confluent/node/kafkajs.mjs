// Drives @kafkajs/confluent-schema-registry against the registry whose URL is the one argument, and prints what it saw.
import kafkajs from '@kafkajs/confluent-schema-registry'

const { SchemaRegistry, SchemaType, COMPATIBILITY } = kafkajs
const registry = new SchemaRegistry({ host: process.argv[2] })
const seen = {}

const avro = (...extra) => ({
  type: SchemaType.AVRO,
  schema: JSON.stringify({
    type: 'record',
    name: 'Order',
    namespace: 'kafkajs',
    fields: [{ name: 'id', type: 'string' }, ...extra],
  }),
})
const subject = 'kafkajs/avro-value'

const first = await registry.register(avro(), { subject })
seen.avro = await registry.decode(await registry.encode(first.id, { id: 'o-1' }))
seen.again = (await registry.register(avro(), { subject })).id === first.id
seen.latest = (await registry.getLatestSchemaId(subject)) === first.id
seen.byVersion = (await registry.getRegistryId(subject, 1)) === first.id
seen.byText = (await registry.getRegistryIdBySchema(subject, avro())) === first.id
const second = await registry.register(avro({ name: 'note', type: 'string', default: '' }), { subject })
seen.evolved = second.id !== first.id
seen.olderReader = await registry.decode(await registry.encode(second.id, { id: 'o-2', note: 'n' }))
try {
  await registry.register(avro({ name: 'total', type: 'int' }), { subject })
} catch (error) {
  seen.refused = { status: error.status, message: error.message }
}
try {
  await registry.register(avro(), { subject: 'kafkajs-level', compatibility: COMPATIBILITY.FULL })
  await registry.register(avro(), { subject: 'kafkajs-level', compatibility: COMPATIBILITY.NONE })
} catch (error) {
  seen.level = error.message
}

const json = {
  type: SchemaType.JSON,
  schema: JSON.stringify({ type: 'object', properties: { id: { type: 'string' } }, required: ['id'] }),
}
const jsonId = (await registry.register(json, { subject: 'kafkajs-json-value' })).id
seen.json = await registry.decode(await registry.encode(jsonId, { id: 'o-3' }))

const proto = {
  type: SchemaType.PROTOBUF,
  schema: 'syntax = "proto3"; package kafkajs; message Order { string id = 1; }',
}
const protoId = (await registry.register(proto, { subject: 'kafkajs-proto-value' })).id
seen.protobuf = await registry.decode(await registry.encode(protoId, { id: 'o-4' }))

await registry.register(
  { type: SchemaType.PROTOBUF, schema: 'syntax = "proto3"; package kafkajs; message Money { int64 cents = 1; }' },
  { subject: 'kafkajs-money' },
)
const using = {
  type: SchemaType.PROTOBUF,
  schema:
    'syntax = "proto3"; package kafkajs; import "money.proto"; message Payment { string id = 1; Money total = 2; }',
  references: [{ name: 'money.proto', subject: 'kafkajs-money', version: 1 }],
}
const usingId = (await registry.register(using, { subject: 'kafkajs-payment-value' })).id
seen.reference = (await registry.decode(await registry.encode(usingId, { id: 'p-1' }))).id

try {
  await registry.getSchema(999999)
} catch (error) {
  seen.unknown = error.message
}
console.log(JSON.stringify(seen))

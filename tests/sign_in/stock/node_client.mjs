// Runs a snippet that exports a `registry` of either maker, and produces and consumes with it through kafkajs.
// Arguments: the snippet's file, the broker, the topic, and a pause between the two rounds in milliseconds. Each round
// registers another schema, so that the registry is asked each time, and not the client's cache.
import official from '@confluentinc/schemaregistry'
import { SchemaType } from '@kafkajs/confluent-schema-registry'
import { Kafka, logLevel } from 'kafkajs'

const [snippet, broker, topic, pause] = process.argv.slice(2)
const { registry } = await import(snippet)
const kafka = new Kafka({ brokers: [broker], logLevel: logLevel.ERROR })

const officialCodec = (name, schema) => {
  const { AvroSerializer, AvroDeserializer, SerdeType } = official
  const writer = new AvroSerializer(registry, SerdeType.VALUE, { useLatestVersion: true })
  return {
    register: () => registry.register(`${name}-value`, { schemaType: 'AVRO', schema }),
    write: (value) => writer.serialize(name, value),
    read: (bytes) => new AvroDeserializer(registry, SerdeType.VALUE, {}).deserialize(name, bytes),
  }
}
const kafkajsCodec = (name, schema) => {
  let id
  return {
    register: async () => ({ id } = await registry.register({ type: SchemaType.AVRO, schema }, { subject: `${name}-value` })),
    write: (value) => registry.encode(id, value),
    read: (bytes) => registry.decode(bytes),
  }
}
const codec = 'decode' in registry ? kafkajsCodec : officialCodec

async function roundTrip(number) {
  const name = `${topic}-${number}`
  const field = `id${number}`
  const schema = { type: 'record', name: 'Order', namespace: 'stock', fields: [{ name: field, type: 'string' }] }
  const { register, write, read } = codec(name, JSON.stringify(schema))
  await register()
  const producer = kafka.producer()
  await producer.connect()
  await producer.send({ topic: name, messages: [{ value: await write({ [field]: 'o-1' }) }] })
  await producer.disconnect()
  const consumer = kafka.consumer({ groupId: name, maxWaitTimeInMs: 100, sessionTimeout: 6000, heartbeatInterval: 500 })
  await consumer.connect()
  await consumer.subscribe({ topics: [name], fromBeginning: true })
  const bytes = await new Promise((resolve) => consumer.run({ eachMessage: async ({ message }) => resolve(message.value) }))
  await consumer.disconnect()
  return read(bytes)
}

const seen = [await roundTrip(0)]
await new Promise((resolve) => setTimeout(resolve, Number(pause)))
seen.push(await roundTrip(1))
console.log(JSON.stringify(seen))
process.exit(0)

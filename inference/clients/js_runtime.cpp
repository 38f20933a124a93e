#include "inference/clients/runtimes.hpp"

namespace inference {

std::string_view js_runtime()
{
    return R"text(
const ARRAYS = {
  BOOL: Uint8Array, UINT8: Uint8Array, UINT16: Uint16Array, UINT32: Uint32Array, UINT64: BigUint64Array,
  INT8: Int8Array, INT16: Int16Array, INT32: Int32Array, INT64: BigInt64Array,
  FP16: Uint16Array, BF16: Uint16Array, FP32: Float32Array, FP64: Float64Array,
};

/** A call that failed. `response` is the node's answer, with its status, headers and (read) body. */
export class ModelError extends Error {
  constructor(message, response) {
    super(message);
    this.name = 'ModelError';
    this.response = response;
    this.status = response?.status ?? 0;
  }
}

const elements = (shape) => shape.reduce((count, size) => {
  if (!Number.isSafeInteger(size) || size < 0) throw new ModelError(`a size of a shape is ${size}`);
  return count * size;
}, 1);

/** The shape asked for, or the model's own where the data leaves one choice at most. */
function shapeOf(spec, given, count) {
  if (given) return [...given];
  const open = spec.shape.filter((size) => size < 0).length;
  const rest = elements(spec.shape.map((size) => (size < 0 ? 1 : size)));
  if (open > 1 || rest === 0) throw new ModelError(`${spec.key} needs a shape`);
  return spec.shape.map((size) => (size < 0 ? count / rest : size));
}

function join(parts) {
  const made = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    made.set(part, at);
    at += part.length;
  }
  return made;
}

function encodeStrings(values) {
  const text = new TextEncoder();
  return join(Array.from(values, (value) => {
    const bytes = typeof value === 'string' ? text.encode(value) : value;
    const made = new Uint8Array(4 + bytes.length);
    new DataView(made.buffer).setUint32(0, bytes.length, true);
    made.set(bytes, 4);
    return made;
  }));
}

function decodeStrings(bytes, key) {
  const made = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < bytes.length;) {
    const size = at + 4 <= bytes.length ? view.getUint32(at, true) : Infinity;
    if (size > bytes.length - at - 4) throw new ModelError(`${key} ends within a string`);
    made.push(bytes.slice(at + 4, at + 4 + size));
    at += 4 + size;
  }
  return made;
}

function encode(spec, given) {
  if (given === undefined) throw new ModelError(`the input ${spec.key} is missing`);
  const data = given.data ?? given;
  const shape = shapeOf(spec, given.shape, data.length);
  if (elements(shape) !== data.length) {
    throw new ModelError(`${spec.key} has ${data.length} elements, its shape wants ${elements(shape)}`);
  }
  if (spec.datatype === 'BYTES') return { shape, bytes: encodeStrings(data) };
  const Kind = ARRAYS[spec.datatype];
  const typed = data instanceof Kind ? data : Kind.from(data);
  return { shape, bytes: new Uint8Array(typed.buffer, typed.byteOffset, typed.byteLength) };
}

function decode(spec, output, bytes) {
  if (output.datatype !== spec.datatype || !Array.isArray(output.shape)) {
    throw new ModelError(`${spec.key} has not the form that the model promises`);
  }
  let data;
  if (spec.datatype === 'BYTES') {
    data = decodeStrings(bytes, spec.key);
  } else {
    const Kind = ARRAYS[spec.datatype];
    if (bytes.length % Kind.BYTES_PER_ELEMENT !== 0) throw new ModelError(`${spec.key} has half an element`);
    data = new Kind(bytes.slice().buffer);
  }
  if (elements(output.shape) !== data.length) {
    throw new ModelError(`${spec.key} has not as much data as its shape says`);
  }
  return { shape: output.shape, data };
}

/** The whole body, or an error as soon as it is longer than `most`. */
async function read(response, most) {
  const parts = [];
  let size = 0;
  for (const reader = response.body?.getReader(); reader;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > most) {
      await reader.cancel();
      throw new ModelError('the answer is too long');
    }
    parts.push(value);
  }
  return join(parts);
}

/** Calls the model. `fetch` can be any function of that form: one that pays, for a model with a price. */
export class Client {
  constructor(base = DEFAULT_BASE, { fetch = globalThis.fetch, headers = {}, maxBytes = 128 * 1024 * 1024 } = {}) {
    if (new Uint8Array(new Uint16Array([1]).buffer)[0] !== 1) throw new Error('needs a little-endian machine');
    this.url = base.replace(/\/+$/, '') + PATH;
    this.fetch = fetch;
    this.headers = headers;
    this.maxBytes = maxBytes;
  }

  /**
   * `inputs` has a member for each of INPUTS: its data alone, or `{ shape, data }`. The answer has one
   * for each of OUTPUTS, `{ shape, data }`. Numbers are typed arrays, 64-bit integers BigInt, FP16 and
   * BF16 their bits; strings go in as text or bytes and come out as bytes.
   */
  async infer(inputs, { signal } = {}) {
    const tails = [];
    const described = INPUTS.map((spec) => {
      const { shape, bytes } = encode(spec, inputs[spec.key]);
      tails.push(bytes);
      return { name: spec.name, datatype: spec.datatype, shape, parameters: { binary_data_size: bytes.length } };
    });
    const json = new TextEncoder().encode(
      JSON.stringify({ parameters: { binary_data_output: true }, inputs: described }));
    const response = await this.fetch.call(undefined, this.url, {
      method: 'POST',
      headers: {
        ...this.headers,
        'Content-Type': 'application/octet-stream',
        'Inference-Header-Content-Length': String(json.length),
      },
      body: join([json, ...tails]),
      signal,
    });
    const body = await read(response, this.maxBytes);
    const text = new TextDecoder();
    if (response.status !== 200) {
      throw new ModelError(`the node answered ${response.status}: ${text.decode(body.subarray(0, 1000))}`, response);
    }
    const length = response.headers.get('Inference-Header-Content-Length');
    const end = length === null ? body.length : Number(length);
    if (!(end >= 0 && end <= body.length)) throw new ModelError('the answer is shorter than its JSON', response);
    const outputs = new Map();
    let at = end;
    for (const output of JSON.parse(text.decode(body.subarray(0, end))).outputs) {
      const size = output.parameters?.binary_data_size;
      if (!Number.isSafeInteger(size) || size < 0 || size > body.length - at) {
        throw new ModelError('the answer is shorter than its outputs', response);
      }
      outputs.set(output.name, [output, body.subarray(at, at + size)]);
      at += size;
    }
    const made = {};
    for (const spec of OUTPUTS) {
      if (!outputs.has(spec.name)) throw new ModelError(`the answer lacks ${spec.key}`, response);
      made[spec.key] = decode(spec, ...outputs.get(spec.name));
    }
    return made;
  }
}
)text";
}

}  // namespace inference

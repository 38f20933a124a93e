// An S3-compatible store for tests: s3rver keeps the objects, and before it every request's signature is checked with
// aws4, which knows nothing of ours, because s3rver does not look at signatures of version 4.
//
// Environment: PORT, DIRECTORY, BUCKET, REGION, SECRET; TLS_KEY and TLS_CERT (files) for https; TROUBLE, a file that says while it is
// there what becomes of requests: {"status": 503, "code": "SlowDown", "method": "PUT", "delayMs": 0}. {"late": true}: the connection
// breaks, and the request is carried out when a request comes while {"carryOut": true} is said.
import crypto from 'node:crypto'
import fs from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import aws4 from 'aws4'
import S3rver from 's3rver'

const { PORT, DIRECTORY, BUCKET, REGION, SECRET, TLS_KEY, TLS_CERT, TROUBLE } = process.env
const accessKeyId = 'S3RVER' // the only one that s3rver knows

const inner = await new S3rver({ port: 0, address: '127.0.0.1', silent: true, directory: DIRECTORY,
                                 configureBuckets: [{ name: BUCKET }] }).run()

function refusal(request, body) {
  const header = request.headers.authorization ?? ''
  const parts = header.match(/^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$/)
  if (!parts) return 'AccessDenied'
  const [, key, , region, names] = parts
  if (key !== accessKeyId) return 'InvalidAccessKeyId'
  if (region !== REGION) return 'AuthorizationHeaderMalformed'
  const hash = request.headers['x-amz-content-sha256']
  if (hash !== crypto.createHash('sha256').update(body).digest('hex')) return 'XAmzContentSHA256Mismatch'
  const signed = names.split(';')
  for (const must of ['host', 'x-amz-content-sha256', 'x-amz-date']) if (!signed.includes(must)) return 'AccessDenied'
  const date = request.headers['x-amz-date']
  const [, y, mo, d, h, mi, s] = date.match(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/) ?? []
  if (!(Math.abs(Date.now() - Date.UTC(y, mo - 1, d, h, mi, s)) < 900_000)) return 'RequestTimeTooSkewed'
  const signer = new aws4.RequestSigner({
    service: 's3', region, method: request.method, path: request.url, doNotModifyHeaders: true,
    headers: Object.fromEntries(signed.map(name => [name, request.headers[name]])),
    extraHeadersToInclude: { range: true },
  }, { accessKeyId, secretAccessKey: SECRET })
  signer.datetime = date
  return signer.authHeader() === header ? '' : 'SignatureDoesNotMatch'
}

function trouble(request) {
  try {
    const told = JSON.parse(fs.readFileSync(TROUBLE, 'utf8'))
    return !told.method || told.method === request.method ? told : {}
  } catch {
    return {}
  }
}

function refuse(response, status, code) {
  response.writeHead(status, { 'Content-Type': 'application/xml' })
  response.end(`<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>refused</Message></Error>`)
}

const late = []

function carryOut({ method, url, headers, body }) {
  return new Promise((done, failed) => {
    const onward = http.request({ host: inner.address, port: inner.port, method, path: url, headers }, answer => {
      console.log(`late ${method} ${url} ${answer.statusCode}`)
      answer.on('end', done).resume()
    })
    onward.on('error', failed)
    onward.end(body)
  })
}

async function serve(request, response) {
  const pieces = []
  for await (const piece of request) pieces.push(piece)
  const body = Buffer.concat(pieces)
  const told = trouble(request)
  if (told.delayMs) await new Promise(done => setTimeout(done, told.delayMs))
  if (told.carryOut) while (late.length) await carryOut(late.shift())
  if (told.late) {
    late.push({ method: request.method, url: request.url, headers: request.headers, body })
    return response.destroy()
  }
  if (told.status) return refuse(response, told.status, told.code)
  const code = refusal(request, body)
  if (code) return refuse(response, 403, code)
  console.log(`${request.method} ${request.url} ${body.length}`)
  const onward = http.request({ host: inner.address, port: inner.port, method: request.method, path: request.url,
                                headers: request.headers }, answer => {
    response.writeHead(answer.statusCode, answer.headers)
    answer.pipe(response)
  })
  onward.on('error', () => response.destroy())
  onward.end(body)
}

const handle = (request, response) => serve(request, response).catch(() => response.destroy())
const server = TLS_KEY
  ? https.createServer({ key: fs.readFileSync(TLS_KEY), cert: fs.readFileSync(TLS_CERT) }, handle)
  : http.createServer(handle)
server.listen(Number(PORT), '127.0.0.1', () => console.log('ready'))

// SPDX-License-Identifier: MIT
// What a program may ask between handshake and request: to stderr; then one request: to stdout.
//
// usage: questions.js URL KEY BODY
const https = require('https');
const tls = require('tls');

const [address, key, body] = process.argv.slice(2);
const url = new URL(address);

function tell(name, value) {
  console.error(`${name}: ${JSON.stringify(value)}`);
}

function ask(socket) {
  const certificate = socket.getPeerCertificate(true);
  tell('certificate', [certificate.subject, certificate.issuer, certificate.subjectaltname,
    certificate.valid_to, certificate.fingerprint256]);
  tell('issuer', certificate.issuerCertificate?.fingerprint256);
  tell('x509', socket.getPeerX509Certificate()?.fingerprint256);
  tell('protocol', socket.getProtocol());
  tell('cipher', socket.getCipher());
  tell('authorized', [socket.authorized, socket.authorizationError]);
  tell('alpn', socket.alpnProtocol);
  tell('peer', [socket.remoteAddress, socket.remotePort, socket.remoteFamily]);
  tell('local', socket.localAddress);
  tell('reused', socket.isSessionReused());
}

const options = { host: url.hostname, port: url.port, servername: url.hostname,
  ALPNProtocols: ['http/1.1'] };
const socket = tls.connect(options, () => {
  ask(socket);
  const headers = { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' };
  const request = https.request(address,
    { method: 'POST', headers, createConnection: () => socket }, (response) => {
      response.on('data', (piece) => process.stdout.write(piece));
      response.on('end', () => tell('peer behind', [socket.remoteAddress, socket.remotePort]));
    });
  request.end(body);
});
socket.on('error', (error) => {
  console.error(`${error.code}: ${error.message}`);
  process.exitCode = 7;
});

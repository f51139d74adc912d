# SPDX-License-Identifier: MIT
# What a program may ask between handshake and request: to stderr; then one request: to stdout.
#
# usage: questions.rb URL KEY BODY
require 'digest'
require 'openssl'
require 'socket'
require 'uri'

address, key, body = ARGV
url = URI(address)
context = OpenSSL::SSL::SSLContext.new
context.set_params(alpn_protocols: ['http/1.1'])
tcp = TCPSocket.new(url.hostname, url.port)
tls = OpenSSL::SSL::SSLSocket.new(tcp, context)
tls.hostname = url.hostname
tls.sync_close = true
tls.connect
tls.post_connection_check(url.hostname)
warn "certificate: #{Digest::SHA256.hexdigest(tls.peer_cert.to_der)}"
warn "subject: #{tls.peer_cert.subject}"
warn "chain: #{tls.peer_cert_chain.map { |each| Digest::SHA256.hexdigest(each.to_der) }}"
warn "version: #{tls.ssl_version}"
warn "cipher: #{tls.cipher}"
warn "verified: #{tls.verify_result}"
warn "alpn: #{tls.alpn_protocol}"
warn "reused: #{tls.session_reused?}"
warn "pending: #{tls.pending}"
warn "peer: #{tls.peeraddr.values_at(0, 1, 3)}"
warn "remote: #{tcp.remote_address.ip_address} #{tcp.remote_address.ip_port}"
warn "local: #{tcp.local_address.ip_address}"
tls.write("POST #{url.path} HTTP/1.1\r\nHost: #{url.host}:#{url.port}\r\n" \
          "Authorization: Bearer #{key}\r\nContent-Type: application/json\r\n" \
          "Connection: close\r\nContent-Length: #{body.bytesize}\r\n\r\n#{body}")
head, content = tls.read.split("\r\n\r\n", 2)
puts content
warn "behind: #{tcp.remote_address.ip_address} #{tcp.remote_address.ip_port}"
tls.close
exit(head[/ 2\d\d /] ? 0 : 22)

# SPDX-License-Identifier: MIT
# A program that goes on after a failure: one line for each request, the answer or the error, as
# failing.py prints it.
#
# usage: failing_ruby.rb URL KEY BODY [COUNT [STEP]]
require 'json'
require 'net/http'
require 'openssl'

address, key, body, count, step = ARGV
url = URI(address)
limit = ENV.fetch('CLIENT_TIMEOUT', '20').to_f
status = 0

def new_connection(url, limit)
  http = Net::HTTP.new(url.hostname, url.port)
  http.use_ssl = true
  http.open_timeout = http.read_timeout = http.ssl_timeout = http.write_timeout = limit
  http.max_retries = 0
  http
end

# What the system or OpenSSL said, without the words of net/http.
def inner(error)
  error = error.cause while error.cause
  case error
  when SystemCallError then "#{error.class}: #{error.errno}"
  when OpenSSL::SSL::SSLError then error.message[/certificate verify failed/] || error.message
  when Timeout::Error then 'time-out'
  else "#{error.class}: #{error.message}"
  end
end

(count || 1).to_i.times do |index|
  request = Net::HTTP::Post.new(url.request_uri, 'Authorization' => "Bearer #{key}",
                                                 'Content-Type' => 'application/json')
  request.body = body.gsub('@N@', (1 + index * (step || 1).to_i).to_s)
  begin
    new_connection(url, limit).start { |http| puts http.request(request).body }
  rescue SystemCallError, SocketError, IOError, OpenSSL::SSL::SSLError, Timeout::Error => e
    puts JSON.generate(failure: { inner: inner(e), outer: "#{e.class}: #{e.message}" })
    status = 7
  end
end
exit status

# ruby send.rb CLIENT ADDRESS CASES: send each case with Net::HTTP or Faraday.
require 'base64'
require 'json'
require 'net/http'
require 'stringio'

client, address, file = ARGV

def net_http(url, one)
  uri = URI(url)
  if one['case'] == 'get'
    uri.query = URI.encode_www_form(one['fields'])
    request = Net::HTTP::Get.new(uri)
  else
    request = Net::HTTP::Post.new(uri)
    if one['json']
      request.basic_auth(one['user'], one['password'])
      request.content_type = 'application/json'
      request.body = JSON.generate(one['json'])
    elsif one['file']
      picture = one['file']
      about = { filename: picture['filename'], content_type: picture['type'] }
      content = StringIO.new(Base64.decode64(picture['base64']))
      request.set_form([*one['fields'], [picture['name'], content, about]], 'multipart/form-data')
    else
      request.set_form_data(one['fields'])
    end
  end
  Net::HTTP.start(uri.host, uri.port) { |http| http.request(request) }
end

def faraday(url, one)
  connection = Faraday.new do |build|
    build.request :multipart
    build.request :url_encoded
    build.adapter :net_http
  end
  fields = one['fields'].to_h
  if one['case'] == 'get'
    connection.get(url, fields)
  elsif one['json']
    connection.basic_auth(one['user'], one['password'])
    connection.post(url, JSON.generate(one['json']), 'Content-Type' => 'application/json')
  elsif one['file']
    picture = one['file']
    content = StringIO.new(Base64.decode64(picture['base64']))
    part = Faraday::FilePart.new(content, picture['type'], picture['filename'])
    connection.post(url, { **fields, picture['name'] => part })
  else
    connection.post(url, fields)
  end
end

require 'faraday'
puts client == 'faraday' ? "Faraday #{Faraday::VERSION}, Ruby #{RUBY_VERSION}" : "Net::HTTP of Ruby #{RUBY_VERSION}"
methods = { 'faraday' => method(:faraday), 'net-http' => method(:net_http) }
JSON.parse(File.read(file)).each { |one| methods[client].call(address + one['path'], one) }

# Signs each job of a JSON file with Ruby's own means, as the job says, and prints signature and form.
require "base64"
require "cgi"
require "erb"
require "json"
require "openssl"
require "uri"
require "active_support"
require "active_support/json"

def sorted(value)
  return value.sort.to_h.transform_values { |inner| sorted(inner) } if value.is_a?(Hash)
  value.is_a?(Array) ? value.map { |inner| sorted(inner) } : value
end

TEXTS = {
  "JSON.generate" => ->(text) { JSON.generate(JSON.parse(text)) },
  "JSON.generate sorted" => ->(text) { JSON.generate(sorted(JSON.parse(text))) },
  "JSON.pretty_generate" => ->(text) { JSON.pretty_generate(JSON.parse(text)) },
  "JSON.generate with ascii_only" => ->(text) { JSON.generate(JSON.parse(text), ascii_only: true) },
  "ActiveSupport to_json" => ->(text) { ActiveSupport::JSON.encode(JSON.parse(text)) },
  "inspect" => ->(text) { JSON.parse(text).inspect },
  "to_json twice" => ->(text) { JSON.generate(text) },
  "CGI.escape" => ->(text) { CGI.escape(text) },
  "html_escape" => ->(text) { ERB::Util.html_escape(text) },
  "strip" => ->(text) { text.strip },
  "puts" => ->(text) { "#{text}\n" },
  "unicode_normalize" => ->(text) { text.unicode_normalize(:nfd) },
  "strict_encode64" => ->(text) { Base64.strict_encode64(text) },
  "nil" => ->(_text) { nil.to_s },
  "downcase" => ->(text) { text.downcase },
}.freeze
CHARSETS = {
  "utf-8" => ->(text) { text },
  "latin-1" => ->(text) { text.encode("ISO-8859-1", undef: :replace) },
  "utf-16" => ->(text) { text.encode("UTF-16LE") },
  "ascii" => ->(text) { text.encode("US-ASCII", undef: :replace) },
}.freeze
KEYS = {
  "as-is" => ->(secret) { secret },
  "sha256" => ->(secret) { OpenSSL::Digest::SHA256.hexdigest(secret) },
}.freeze
MACS = {
  "hmac" => ->(text, key) { OpenSSL::HMAC.digest("SHA256", key, text) },
  "hmac-sha1" => ->(text, key) { OpenSSL::HMAC.digest("SHA1", key, text) },
  "hmac-sha512" => ->(text, key) { OpenSSL::HMAC.digest("SHA512", key, text) },
  "append" => ->(text, key) { OpenSSL::Digest::SHA256.digest(text.b + key.b) },
  "append-md5" => ->(text, key) { OpenSSL::Digest::MD5.digest(text.b + key.b) },
  "prepend" => ->(text, key) { OpenSSL::Digest::SHA256.digest(key.b + text.b) },
  "bare" => ->(text, _key) { OpenSSL::Digest::SHA256.digest(text) },
  "swapped" => ->(text, key) { OpenSSL::HMAC.digest("SHA256", text, key) },
}.freeze
DIGESTS = {
  "hex" => ->(digest) { digest.unpack1("H*") },
  "upper" => ->(digest) { digest.unpack1("H*").upcase },
  "encode64" => ->(digest) { Base64.encode64(digest) },
  "strict" => ->(digest) { Base64.strict_encode64(digest) },
  "urlsafe" => ->(digest) { Base64.urlsafe_encode64(digest) },
  "bytes" => ->(digest) { digest.bytes.inspect },
}.freeze

JSON.parse(File.read(ARGV[0])).each do |job|
  text = job["texts"].reduce(job["text"]) { |value, op| TEXTS.fetch(op).call(value) }
  form = job["form"]
  if form
    fields = form["fields"].map { |name, value| [name, name == "data" ? text : value] }
    fields = fields.map { |name, value| [name, CGI.escape(value)] } if form["values"] == "encoded"
    fields = fields.sort if form["sorted"]
    text = form["path"] + form["lead"] + fields.map { |name, value| name + form["equals"] + value }.join(form["between"]) + form["last"]
  end
  key = KEYS.fetch(job["key"]).call(job["secret"])
  signature = DIGESTS.fetch(job["digest"]).call(MACS.fetch(job["mac"]).call(CHARSETS.fetch(job["charset"]).call(text), key))
  wire = form ? URI.encode_www_form(form["fields"] + [["signature", signature]]) : ""
  puts JSON.generate("id" => job["id"], "signature" => signature, "wire" => wire)
end

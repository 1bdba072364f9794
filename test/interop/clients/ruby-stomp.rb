# ruby-stomp over TCP: does what JSON lines on standard input say, prints what it saw as JSON lines.
require "json"
require "stomp"

$stdout.sync = true
OUT = Mutex.new

def saw(what, **more)
  OUT.synchronize { puts JSON.generate({ saw: what, **more }) }
end

options = JSON.parse($stdin.gets)
beat = options["heartbeat"]
messages = []

begin
  client = Stomp::Client.new(
    hosts: [{ login: options["login"], passcode: options["passcode"], host: "127.0.0.1", port: options["port"] }],
    reliable: false,
    autoflush: true,
    connect_headers: { "accept-version" => "1.2", "host" => "127.0.0.1", "heart-beat" => "#{beat},#{beat}" },
  )
rescue StandardError => error
  saw("error", message: error.message)
  exit
end
if client.connection_frame.command != Stomp::CMD_CONNECTED
  saw("error", message: client.connection_frame.headers["message"])
  exit
end
saw("connected")

Thread.new do
  client.join
  saw("disconnected")
end

hear = lambda do |message|
  messages << message
  saw(
    "message",
    number: messages.size - 1,
    subscription: message.headers["subscription"],
    headers: message.headers,
    body: [message.body].pack("m0"),
  )
end

$stdin.each_line do |text|
  line = JSON.parse(text)
  case line["do"]
  when "subscribe"
    client.subscribe(line["destination"], { "id" => line["id"], "ack" => line["ack"] }, &hear)
  when "send"
    body = line["body"].unpack1("m0")
    if line["receipt"]
      client.publish(line["destination"], body) { saw("receipt", id: line["receipt"]) }
    else
      client.publish(line["destination"], body, line.slice("transaction"))
    end
  when "ack" then client.ack(messages[line["number"]])
  when "nack" then client.nack(messages[line["number"]])
  when "begin" then client.begin(line["transaction"])
  when "commit" then client.commit(line["transaction"])
  when "abort" then client.abort(line["transaction"])
  when "disconnect"
    client.close
    saw("disconnected")
    exit
  end
end

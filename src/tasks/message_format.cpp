#include "tasks/message_format.hpp"

#include <algorithm>

#include "codec/crypto.hpp"
#include "codec/deflate.hpp"
#include "codec/text.hpp"
#include "tasks/json_text.hpp"

namespace seendr::tasks {

namespace {

constexpr const char* kDeliveries = "seendr_deliveries";

bool fits(std::string_view text, std::size_t limit_bytes) {
  return text.size() <= limit_bytes && count_values(text) <= kMaxValues;
}

const json::object* object_at(const json::object& parent, std::string_view key) {
  const json::value* found = parent.if_contains(key);
  return found ? found->if_object() : nullptr;
}

std::string text_at(const json::object& parent, std::string_view key) {
  const json::value* found = parent.if_contains(key);
  const json::string* text = found ? found->if_string() : nullptr;
  return text ? std::string(*text) : std::string();
}

std::optional<double> number_of(const json::value& value) {
  if (!value.is_number()) return std::nullopt;
  error_code error;
  const double number = value.to_number<double>(error);
  if (error) return std::nullopt;
  return number;
}

int integer_at(const json::object& parent, std::string_view key, int low, int high) {
  const json::value* found = parent.if_contains(key);
  if (!found) return low;
  const double number = number_of(*found).value_or(low);
  return static_cast<int>(std::clamp(number, double(low), double(high)));
}

// One of "timelimit": [hard, soft].
std::optional<double> limit_at(const json::object& fields, std::size_t index) {
  const json::value* limits = fields.if_contains("timelimit");
  const json::array* list = limits ? limits->if_array() : nullptr;
  if (!list || list->size() <= index) return std::nullopt;
  return number_of((*list)[index]);
}

// False when it is there and not a time.
bool read_time(const json::object& parent, std::string_view key, std::optional<Time>& into) {
  const json::value* found = parent.if_contains(key);
  if (!found || found->is_null()) return true;
  into = from_iso(text_at(parent, key));
  return into.has_value();
}

result<std::string> body_text(const json::object& envelope, const json::object& properties,
                              const json::object& headers) {
  const json::value* body = envelope.if_contains("body");
  if (!body || !body->is_string()) return Errc::bad_body_encoding;
  std::string text(body->get_string());
  const std::string encoding = text_at(properties, "body_encoding");
  if (encoding == "base64") {
    std::optional<std::string> decoded = from_base64(text);
    if (!decoded) return Errc::bad_body_encoding;
    text = std::move(*decoded);
  } else if (!encoding.empty() && encoding != "utf-8") {
    return Errc::bad_body_encoding;
  }
  const std::string compression = text_at(headers, "compression");
  if (compression.empty()) return text;
  if (compression != "application/x-gzip") return Errc::bad_compression;  // Which is zlib's format.
  std::optional<std::string> inflated = inflate(text, kMaxBody);
  if (!inflated) return Errc::bad_compression;
  return std::move(*inflated);
}

// What both protocols have in the headers or, the first, in the body.
error_code read_fields(const json::object& fields, Message& message) {
  message.id = text_at(fields, "id");
  message.task = text_at(fields, "task");
  if (message.task.empty()) return Errc::no_task;
  if (message.id.empty()) return Errc::no_id;
  if (!read_time(fields, "eta", message.eta)) return Errc::bad_time;
  if (!read_time(fields, "expires", message.expires)) return Errc::bad_time;
  message.retries = integer_at(fields, "retries", 0, 1'000'000);
  message.time_limit_s = limit_at(fields, 0);
  message.soft_time_limit_s = limit_at(fields, 1);
  return {};
}

void read_headers(const json::object& headers, Message& message) {
  message.root_id = text_at(headers, "root_id");
  message.parent_id = text_at(headers, "parent_id");
  message.deliveries = integer_at(headers, kDeliveries, 0, 1000);
  const json::value* ignored = headers.if_contains("ignore_result");
  message.ignore_result = ignored && ignored->is_bool() && ignored->get_bool();
}

// Takes what it reads.
error_code read_arguments(json::value* args, json::value* kwargs, Message& message) {
  if (args && !args->is_null()) {
    if (!args->is_array()) return Errc::bad_body_shape;
    json::value plain = untagged(std::move(*args));
    message.args = std::move(plain.get_array());
  }
  if (kwargs && !kwargs->is_null()) {
    if (!kwargs->is_object()) return Errc::bad_body_shape;
    json::value plain = untagged(std::move(*kwargs));
    if (!plain.is_object()) return Errc::bad_body_shape;
    message.kwargs = std::move(plain.get_object());
  }
  return {};
}

// What follows from a task of protocol 1, to where protocol 2 has it.
void read_old_canvas(const json::object& body, Message& message) {
  for (const char* name : {"callbacks", "errbacks", "chord"}) {
    if (const json::value* found = body.if_contains(name)) message.embed[name] = *found;
  }
  for (const auto& [from, to] : {std::pair("taskset", "group"), {"group_index", "group_index"}}) {
    const json::value* found = body.if_contains(from);
    if (found && !found->is_null()) message.headers[to] = *found;
  }
}

error_code read_body(json::value body, Message& message) {
  if (json::object* old = body.if_object()) {  // Protocol 1: all in the body.
    const error_code error = read_fields(*old, message);
    if (error) return error;
    read_old_canvas(*old, message);
    return read_arguments(old->if_contains("args"), old->if_contains("kwargs"), message);
  }
  json::array* parts = body.if_array();
  if (!parts || parts->size() != 3) return Errc::bad_body_shape;
  if (!(*parts)[0].is_array() || !(*parts)[1].is_object()) return Errc::bad_body_shape;
  json::value& embed = (*parts)[2];
  if (!embed.is_object() && !embed.is_null()) return Errc::bad_body_shape;
  if (embed.is_object()) message.embed = std::move(embed.get_object());
  return read_arguments(&(*parts)[0], &(*parts)[1], message);
}

void read_properties(const json::object& properties, Message& message) {
  message.priority = integer_at(properties, "priority", 0, 9);
  message.reply_to = text_at(properties, "reply_to");
  if (const json::object* info = object_at(properties, "delivery_info")) {
    message.queue = text_at(*info, "routing_key");
  }
}

json::value text_or_null(const std::string& text) {
  return text.empty() ? json::value(nullptr) : json::value(text);
}

json::value time_or_null(const std::optional<Time>& time) {
  return time ? json::value(to_iso(*time)) : json::value(nullptr);
}

json::object headers_of(const Message& message) {
  json::object headers = message.headers;
  headers.erase("compression");  // The body is written plain.
  headers["lang"] = "cpp";
  headers["task"] = message.task;
  headers["id"] = message.id;
  headers["eta"] = time_or_null(message.eta);
  headers["expires"] = time_or_null(message.expires);
  headers["retries"] = message.retries;
  json::array limits{nullptr, nullptr};
  if (message.time_limit_s) limits[0] = *message.time_limit_s;
  if (message.soft_time_limit_s) limits[1] = *message.soft_time_limit_s;
  headers["timelimit"] = std::move(limits);
  headers["root_id"] = message.root_id.empty() ? message.id : message.root_id;
  headers["parent_id"] = text_or_null(message.parent_id);
  headers["argsrepr"] = display(message.args);
  headers["kwargsrepr"] = display(message.kwargs);
  headers["ignore_result"] = message.ignore_result;
  for (const char* name : {"shadow", "group", "group_index"}) {
    if (!headers.contains(name)) headers[name] = nullptr;
  }
  if (!headers.contains("origin")) headers["origin"] = "seendr";
  if (message.deliveries > 0) headers[kDeliveries] = message.deliveries;
  return headers;
}

std::string body_of(const Message& message) {
  json::object embed = message.embed;
  for (const char* name : {"callbacks", "errbacks", "chain", "chord"}) {
    if (!embed.contains(name)) embed[name] = nullptr;
  }
  json::array body;
  body.emplace_back(message.args);
  body.emplace_back(message.kwargs);
  body.emplace_back(std::move(embed));
  return write_json(body);
}

std::string envelope_of(const Message& message, std::string_view body) {
  json::object info;
  info["exchange"] = "";
  info["routing_key"] = message.queue;
  json::object properties;
  properties["correlation_id"] = message.id;
  properties["reply_to"] = message.reply_to;
  properties["delivery_mode"] = 2;
  properties["delivery_info"] = std::move(info);
  properties["priority"] = message.priority;
  properties["body_encoding"] = "base64";
  properties["delivery_tag"] = message.delivery_tag;

  json::object envelope;
  envelope["body"] = to_base64(bytes(body));
  envelope["content-encoding"] = "utf-8";
  envelope["content-type"] = "application/json";
  envelope["headers"] = headers_of(message);
  envelope["properties"] = std::move(properties);
  return write_json(envelope);
}

}  // namespace

std::string encode(const Message& message) {
  return envelope_of(message, body_of(message));
}

result<std::string> encode_within_limits(const Message& message) {
  const std::string body = body_of(message);
  if (!fits(body, kMaxBody)) return Errc::too_large;
  std::string envelope = envelope_of(message, body);
  if (!fits(envelope, kMaxEnvelope)) return Errc::too_large;
  return envelope;
}

result<Message> decode(std::string_view envelope) {
  if (!fits(envelope, kMaxEnvelope)) return Errc::too_large;
  std::optional<json::value> parsed = read_json(envelope);
  if (!parsed || !parsed->is_object()) return Errc::not_json;
  json::object& outer = parsed->get_object();
  const json::object* properties = object_at(outer, "properties");
  if (!properties) return Errc::no_properties;
  Message message;
  message.delivery_tag = text_at(*properties, "delivery_tag");
  if (message.delivery_tag.empty()) return Errc::no_delivery_tag;
  read_properties(*properties, message);

  if (text_at(outer, "content-type") != "application/json") return Errc::bad_content_type;
  json::value* headers = outer.if_contains("headers");
  const bool has_headers = headers && headers->is_object();
  if (has_headers) message.headers = std::move(headers->get_object());
  const result<std::string> text = body_text(outer, *properties, message.headers);
  if (!text) return text.error();
  if (!fits(*text, kMaxBody)) return Errc::too_large;
  std::optional<json::value> body = read_json(*text);
  if (!body) return Errc::bad_body;

  if (!message.headers.contains("task") && body->is_array()) {
    return has_headers ? Errc::no_task : Errc::no_headers;
  }
  if (!body->is_object()) {
    const error_code error = read_fields(message.headers, message);
    if (error) return error;
  }
  read_headers(message.headers, message);
  const error_code error = read_body(std::move(*body), message);
  if (error) return error;
  return message;
}

std::string redelivered(std::string envelope, int lost_workers) {
  if (!fits(envelope, kMaxEnvelope)) return envelope;
  std::optional<json::value> parsed = read_json(envelope);
  json::object* outer = parsed ? parsed->if_object() : nullptr;
  if (!outer) return envelope;
  json::value& headers = (*outer)["headers"];  // Those of protocol 1 may be missing.
  if (!headers.is_object()) headers.emplace_object();
  json::object& fields = headers.get_object();
  fields["redelivered"] = true;
  const int before = integer_at(fields, kDeliveries, 0, 1000);
  if (lost_workers > 0) fields[kDeliveries] = before + lost_workers;
  json::value* properties = outer->if_contains("properties");
  json::object* inner = properties ? properties->if_object() : nullptr;
  json::value* info = inner ? inner->if_contains("delivery_info") : nullptr;
  if (info && info->is_object()) info->get_object()["redelivered"] = true;
  return write_json(*parsed);
}

std::string make_uuid(Random& random) {
  std::string raw = random_bytes(random, 16);
  raw[6] = static_cast<char>((raw[6] & 0x0F) | 0x40);  // Version 4: random.
  raw[8] = static_cast<char>((raw[8] & 0x3F) | 0x80);
  std::string uuid = to_hex(bytes(raw));
  for (const std::size_t place : {8U, 13U, 18U, 23U}) uuid.insert(place, 1, '-');
  return uuid;
}

}  // namespace seendr::tasks

#include "tasks/control.hpp"

#include "codec/text.hpp"
#include "tasks/message_format.hpp"

namespace seendr::tasks {

namespace {

std::optional<json::object> parse_control(std::string_view text) {
  error_code error;
  json::value value = json::parse(text, error);
  if (error || !value.is_object()) return std::nullopt;
  return std::move(value.get_object());
}

}  // namespace

std::string control_channel(int database) {
  return "/" + std::to_string(database) + ".celery.pidbox";
}

std::string encode_control(const ControlRequest& request, Random& random) {
  json::object body;
  body["method"] = request.method;
  body["arguments"] = request.arguments;
  for (const char* name : {"destination", "pattern", "matcher"}) body[name] = nullptr;

  json::object info;
  info["exchange"] = "celery.pidbox";
  info["routing_key"] = "";
  json::object properties;
  properties["delivery_mode"] = 2;
  properties["delivery_info"] = std::move(info);
  properties["priority"] = 0;
  properties["body_encoding"] = "base64";
  properties["delivery_tag"] = make_uuid(random);
  json::object headers;
  headers["clock"] = 1;

  json::object envelope;
  envelope["body"] = to_base64(bytes(json::serialize(body)));
  envelope["content-encoding"] = "utf-8";
  envelope["content-type"] = "application/json";
  envelope["headers"] = std::move(headers);
  envelope["properties"] = std::move(properties);
  return json::serialize(envelope);
}

std::optional<ControlRequest> decode_control(std::string_view envelope) {
  const std::optional<json::object> outer = parse_control(envelope);
  const json::value* body = outer ? outer->if_contains("body") : nullptr;
  if (!body || !body->is_string()) return std::nullopt;
  const std::optional<std::string> text = from_base64(std::string(body->get_string()));
  std::optional<json::object> inner = text ? parse_control(*text) : std::nullopt;
  if (!inner) return std::nullopt;
  const json::value* method = inner->if_contains("method");
  if (!method || !method->is_string()) return std::nullopt;
  ControlRequest request;
  request.method = std::string(method->get_string());
  json::value* arguments = inner->if_contains("arguments");
  if (arguments && arguments->is_object()) request.arguments = std::move(arguments->get_object());
  return request;
}

std::vector<std::string> revoked_by(const ControlRequest& request) {
  std::vector<std::string> ids;
  const json::value* named = request.arguments.if_contains("task_id");
  if (request.method != "revoke" || !named) return ids;
  if (named->is_string()) ids.emplace_back(named->get_string());
  if (const json::array* list = named->if_array()) {
    for (const json::value& one : *list) {
      if (one.is_string()) ids.emplace_back(one.get_string());
    }
  }
  return ids;
}

}  // namespace seendr::tasks

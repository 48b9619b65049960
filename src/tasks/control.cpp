#include "tasks/control.hpp"

#include <algorithm>
#include <fnmatch.h>

#include "codec/text.hpp"
#include "tasks/json_text.hpp"
#include "tasks/message_format.hpp"

namespace seendr::tasks {

namespace {

std::optional<json::object> parse_control(std::string_view text) {
  error_code error;
  json::value value = json::parse(text, error);
  if (error || !value.is_object()) return std::nullopt;
  return std::move(value.get_object());
}

std::string text_member(const json::object& of, std::string_view key) {
  const json::value* found = of.if_contains(key);
  return found && found->is_string() ? std::string(found->get_string()) : std::string();
}

std::vector<std::string> texts_in(const json::value& value) {
  std::vector<std::string> texts;
  if (value.is_string()) texts.emplace_back(value.get_string());
  const json::array* list = value.if_array();
  if (!list) return texts;
  for (const json::value& one : *list) {
    if (one.is_string()) texts.emplace_back(one.get_string());
  }
  return texts;
}

struct Address {
  std::string_view exchange;
  std::string_view routing_key;
  int delivery_mode = 2;
};

std::string envelope_of(const json::value& body, json::object headers, const Address& to,
                        Random& random) {
  json::object info;
  info["exchange"] = to.exchange;
  info["routing_key"] = to.routing_key;
  json::object properties;
  properties["delivery_mode"] = to.delivery_mode;
  properties["delivery_info"] = std::move(info);
  properties["priority"] = 0;
  properties["body_encoding"] = "base64";
  properties["delivery_tag"] = make_uuid(random);
  json::object envelope;
  envelope["body"] = to_base64(bytes(write_json(body)));
  envelope["content-encoding"] = "utf-8";
  envelope["content-type"] = "application/json";
  envelope["headers"] = std::move(headers);
  envelope["properties"] = std::move(properties);
  return write_json(envelope);
}

}  // namespace

std::string control_channel(int database) {
  return "/" + std::to_string(database) + ".celery.pidbox";
}

std::string event_channel(int database, std::string_view routing_key) {
  return "/" + std::to_string(database) + ".celeryev/" + std::string(routing_key);
}

std::string encode_control(const ControlRequest& request, Random& random) {
  json::object body;
  body["method"] = request.method;
  body["arguments"] = request.arguments;
  for (const char* name : {"destination", "pattern", "matcher"}) body[name] = nullptr;
  json::object headers;
  headers["clock"] = 1;
  return envelope_of(body, std::move(headers), Address{"celery.pidbox", ""}, random);
}

std::optional<ControlRequest> decode_control(std::string_view envelope) {
  const std::optional<json::object> outer = parse_control(envelope);
  if (!outer) return std::nullopt;
  const std::optional<std::string> text = from_base64(text_member(*outer, "body"));
  const std::optional<json::object> inner = text ? parse_control(*text) : std::nullopt;
  if (!inner) return std::nullopt;
  ControlRequest request;
  request.method = text_member(*inner, "method");
  if (request.method.empty()) return std::nullopt;
  request.ticket = text_member(*inner, "ticket");
  request.pattern = text_member(*inner, "pattern");
  const json::value* arguments = inner->if_contains("arguments");
  if (arguments && arguments->is_object()) request.arguments = arguments->get_object();
  const json::value* destination = inner->if_contains("destination");
  if (destination && !destination->is_null()) request.destination = texts_in(*destination);
  const json::value* reply_to = inner->if_contains("reply_to");
  if (reply_to && reply_to->is_object()) {
    request.reply_to = text_member(reply_to->get_object(), "routing_key");
  }
  const json::value* headers = outer->if_contains("headers");
  const json::value* clock =
      headers && headers->is_object() ? headers->get_object().if_contains("clock") : nullptr;
  if (clock && clock->is_int64()) request.clock = clock->get_int64();
  return request;
}

bool is_meant(const ControlRequest& request, const std::string& node) {
  if (request.destination) {
    const auto& names = *request.destination;
    if (std::find(names.begin(), names.end(), node) == names.end()) return false;
  }
  return request.pattern.empty() || fnmatch(request.pattern.c_str(), node.c_str(), 0) == 0;
}

std::string encode_answer(const ControlRequest& request, const std::string& node,
                          json::value answer, std::int64_t clock, Random& random) {
  json::object body;
  body[node] = std::move(answer);
  json::object headers;
  headers["ticket"] = request.ticket;
  headers["clock"] = clock;
  return envelope_of(body, std::move(headers), Address{"reply.celery.pidbox", request.reply_to},
                     random);
}

std::vector<std::string> revoked_by(const ControlRequest& request) {
  const json::value* named = request.arguments.if_contains("task_id");
  if (request.method != "revoke" || !named) return {};
  return texts_in(*named);
}

std::string encode_event(json::value body, const std::string& node, std::string_view routing_key,
                         Random& random) {
  json::object headers;
  headers["hostname"] = node;
  return envelope_of(body, std::move(headers), Address{"celeryev", routing_key, 1}, random);
}

}  // namespace seendr::tasks

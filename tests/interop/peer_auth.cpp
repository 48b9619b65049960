// session_create, session_read, session_login, session_verify: Django's cached sessions.
#include <limits>

#include "auth/django_login.hpp"
#include "auth/django_sessions.hpp"

#include "interop/peer.hpp"

namespace seendr::peer {

namespace {

auth::DjangoSessions sessions_of(Peer& peer) {
  auth::DjangoSessionOptions options;
  options.key_prefix = peer.flags.key_prefix;
  options.version = peer.flags.version;
  if (peer.flags.compressor == "identity") {
    options.compress_above = std::numeric_limits<std::size_t>::max();
  }
  return auth::DjangoSessions(peer.env, peer.redis, options);
}

Json to_json(const json::object& object) {
  return Json::parse(json::serialize(object));
}

awaitable<int> create(Peer& peer, json::object data) {
  auth::DjangoSessions sessions = sessions_of(peer);
  const std::string key = co_await sessions.create(data);
  print({{"key", key}, {"data", to_json(data)}});
  co_return 0;
}

awaitable<int> session_create(Peer& peer, Words arguments) {
  const std::optional<json::object> data = json::parse_object(arguments[0]);
  if (!data) throw PythonError("ValueError");
  co_return co_await create(peer, *data);
}

awaitable<int> session_read(Peer& peer, Words arguments) {
  auth::DjangoSessions sessions = sessions_of(peer);
  const std::optional<json::object> data = co_await sessions.read(arguments[0]);
  const Json shown = data ? to_json(*data) : Json::object();
  print({{"found", data.has_value()}, {"data", shown}});
  co_return 0;
}

awaitable<int> session_login(Peer& peer, Words arguments) {
  const std::string hash = auth::django_auth_hash(peer.flags.secret_key, peer.flags.password_field);
  const json::object data{{"_auth_user_id", arguments[0]},
                          {"_auth_user_backend", "django.contrib.auth.backends.ModelBackend"},
                          {"_auth_user_hash", hash}};
  co_return co_await create(peer, data);
}

awaitable<int> session_verify(Peer& peer, Words arguments) {
  auth::DjangoSessions sessions = sessions_of(peer);
  const std::optional<json::object> data = co_await sessions.read(arguments[0]);
  std::optional<auth::DjangoLogin> login;
  if (data) login = auth::django_login(*data);
  auth::DjangoSite site;
  site.secret_keys = {peer.flags.secret_key};
  const bool valid = login && auth::accepts(site, *login, peer.flags.password_field);
  const Json user = login ? Json(login->user_id) : Json();
  print({{"valid", valid}, {"user_id", user}});
  co_return 0;
}

}  // namespace

std::vector<Command> session_commands() {
  return {{"session_create", "JSON", 1, 1, session_create},
          {"session_read", "KEY", 1, 1, session_read},
          {"session_login", "USER_ID", 1, 1, session_login},
          {"session_verify", "KEY", 1, 1, session_verify}};
}

}  // namespace seendr::peer

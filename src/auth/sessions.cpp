#include "auth/sessions.hpp"

#include "auth/keys.hpp"
#include "base/json.hpp"
#include "codec/crypto.hpp"
#include "codec/text.hpp"
#include "redis/check.hpp"

namespace seendr::auth {

namespace {

constexpr std::size_t kIdLength = 43;  // 32 bytes in base64url.

std::optional<Session> parse(const std::string& hash, const std::string& text) {
  const auto object = json::parse_object(text);
  if (!object) return std::nullopt;
  json::Reader reader(*object);
  const auto user = parse_user_id(reader.text("user"));
  const std::int64_t created = reader.integer("created_ms");
  if (!reader.ok() || !user) return std::nullopt;
  return Session{*user, hash, created};
}

}  // namespace

std::string session_hash(const SessionId& id) {
  return to_hex(bytes(sha256(id.text())));
}

Sessions::Sessions(const Env& env, redis::Client& redis, SessionOptions options)
    : env_(env), redis_(redis), options_(options) {}

redis::Pipeline Sessions::creation(UserId user, const SessionId& id) const {
  const std::string hash = session_hash(id);
  const std::string index = user_sessions_key(user);
  json::object value{{"user", user.text()}, {"created_ms", env_.clock.wall_ms()}};
  redis::Pipeline commands;
  commands.add(redis::Command("SADD", index, hash));  // First, so that end_all() never misses one.
  commands.add(redis::Command("EXPIRE", index, options_.longest.count()));
  commands.add(redis::Command("SET", session_key(hash), json::serialize(value), "EX",
                              std::min(options_.idle, options_.longest).count()));
  return commands;
}

awaitable<SessionId> Sessions::create(UserId user) {
  SessionId id{random_secret(env_.random)};
  redis::Pipeline commands = creation(user, id);
  const std::vector<redis::Reply> replies = co_await redis_.exec(std::move(commands));
  redis::throw_if_error(replies);
  co_return id;
}

awaitable<std::vector<SessionId>> Sessions::create_many(std::vector<UserId> users) {
  std::vector<SessionId> ids;
  redis::Pipeline commands;
  for (const UserId user : users) {
    ids.push_back(SessionId{random_secret(env_.random)});
    const redis::Pipeline one = creation(user, ids.back());
    for (const redis::Command& command : one.commands()) commands.add(command);
  }
  const std::vector<redis::Reply> replies = co_await redis_.exec(std::move(commands));
  redis::throw_if_error(replies);
  co_return ids;
}

awaitable<std::optional<Session>> Sessions::resume(SessionId id) {
  if (id.text().size() != kIdLength) co_return std::nullopt;
  const std::string hash = session_hash(id);
  redis::Command get("GETEX", session_key(hash), "EX", options_.idle.count());
  const redis::Reply reply = co_await redis_.exec(std::move(get));
  const std::string* text = reply.as_string();
  if (!text) co_return std::nullopt;
  std::optional<Session> session = parse(hash, *text);
  if (!session) co_return std::nullopt;
  const auto age = std::chrono::milliseconds(env_.clock.wall_ms() - session->created_ms);
  if (age >= options_.longest) {
    co_await end(*session);
    co_return std::nullopt;
  }
  co_return session;
}

awaitable<bool> Sessions::alive(std::string hash) {
  redis::Command exists("EXISTS", session_key(hash));
  const redis::Reply reply = co_await redis_.exec(std::move(exists));
  co_return reply.as_int() == 1;
}

awaitable<void> Sessions::end(Session session) {
  redis::Pipeline commands;
  commands.add(redis::Command("DEL", session_key(session.hash)));
  commands.add(redis::Command("SREM", user_sessions_key(session.user), session.hash));
  const std::vector<redis::Reply> replies = co_await redis_.exec(std::move(commands));
  redis::throw_if_error(replies);
}

awaitable<std::vector<std::string>> Sessions::end_all(UserId user) {
  const std::string index = user_sessions_key(user);
  redis::Command members("SMEMBERS", index);
  const redis::Reply reply = co_await redis_.exec(std::move(members));
  std::vector<std::string> hashes;
  redis::Pipeline commands;
  for (const redis::Reply& member : reply.as_array()) {
    hashes.push_back(member.text());
    commands.add(redis::Command("DEL", session_key(hashes.back())));
    commands.add(redis::Command("SREM", index, hashes.back()));
  }
  if (hashes.empty()) co_return hashes;
  const std::vector<redis::Reply> replies = co_await redis_.exec(std::move(commands));
  redis::throw_if_error(replies);
  co_return hashes;
}

}  // namespace seendr::auth

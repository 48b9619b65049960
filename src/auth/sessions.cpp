#include "auth/sessions.hpp"

#include <algorithm>

#include "auth/keys.hpp"
#include "base/json.hpp"
#include "codec/crypto.hpp"
#include "codec/text.hpp"
#include "redis/check.hpp"

namespace seendr::auth {

namespace {

constexpr std::size_t kIdLength = 43;  // 32 bytes in base64url.
constexpr std::size_t kMaxLabel = 200;
constexpr std::size_t kListed = 100;
constexpr std::size_t kBatch = 512;  // Sessions ended in one round trip.

std::optional<Session> parse(const std::string& hash, const std::string& text) {
  const auto object = json::parse_object(text);
  if (!object) return std::nullopt;
  json::Reader reader(*object);
  const auto user = parse_user_id(reader.text("user"));
  const std::int64_t created = reader.integer("created_ms");
  std::string label = reader.text("label", {.optional = true, .max = kMaxLabel});
  if (!reader.ok() || !user) return std::nullopt;
  return Session{*user, hash, created, std::move(label), ""};
}

// The first characters of a text, whole ones.
std::string shortened(std::string text) {
  std::size_t characters = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool starts = (static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U;
    if (starts && ++characters > kMaxLabel) return text.substr(0, i);
  }
  return text;
}

}  // namespace

std::string session_hash(const SessionId& id) {
  return to_hex(bytes(sha256(id.text())));
}

Sessions::Sessions(const Env& env, redis::Client& redis, SessionOptions options)
    : env_(env), redis_(redis), options_(options) {}

redis::Pipeline Sessions::creation(UserId user, const SessionId& id,
                                   const std::string& label) const {
  const std::string hash = session_hash(id);
  const std::string index = user_sessions_key(user);
  const std::int64_t now = env_.clock.wall_ms();
  const std::int64_t longest = Millis(options_.longest).count();
  json::object value{{"user", user.text()}, {"created_ms", now}};
  if (!label.empty()) value["label"] = label;
  redis::Pipeline commands;
  // The index first, so that end_all() never misses one. What is older than `longest` has ended.
  commands.add(redis::Command("ZADD", index, now, hash));
  commands.add(redis::Command("ZREMRANGEBYSCORE", index, "-inf", now - longest));
  commands.add(redis::Command("PEXPIRE", index, longest));
  commands.add(redis::Command("SET", session_key(hash), json::serialize(value), "EX",
                              std::min(options_.idle, options_.longest).count()));
  return commands;
}

// Until its absolute end; zero or less when that has passed.
Millis Sessions::life_left(const Session& session) const {
  return options_.longest - Millis(env_.clock.wall_ms() - session.created_ms);
}

awaitable<SessionId> Sessions::create(UserId user, std::string label) {
  SessionId id{random_secret(env_.random)};
  redis::Pipeline commands = creation(user, id, shortened(std::move(label)));
  const std::vector<redis::Reply> replies = co_await redis_.exec(std::move(commands));
  redis::throw_if_error(replies);
  co_return id;
}

awaitable<std::vector<SessionId>> Sessions::create_many(std::vector<UserId> users) {
  std::vector<SessionId> ids;
  redis::Pipeline commands;
  for (const UserId user : users) {
    ids.push_back(SessionId{random_secret(env_.random)});
    const redis::Pipeline one = creation(user, ids.back(), "");
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
  const Millis left = life_left(*session);
  if (left <= Millis(0)) {
    co_await end(*session);
    co_return std::nullopt;
  }
  if (left < options_.idle) {  // This use does not carry it beyond its absolute end.
    redis::Command shorten("PEXPIRE", session_key(hash), left.count());
    co_await redis_.exec(std::move(shorten));
  }
  co_return session;
}

awaitable<std::vector<bool>> Sessions::use(std::vector<std::string> hashes) {
  std::vector<bool> alive;
  if (hashes.empty()) co_return alive;
  redis::Pipeline uses;
  for (const std::string& hash : hashes) {
    uses.add(redis::Command("GETEX", session_key(hash), "EX", options_.idle.count()));
  }
  const std::vector<redis::Reply> replies = co_await redis_.exec(std::move(uses));
  redis::throw_if_error(replies);
  redis::Pipeline shorten;  // As in resume(); what is past its absolute end goes by this.
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    const std::string* text = replies[i].as_string();
    const std::optional<Session> session = text ? parse(hashes[i], *text) : std::nullopt;
    const Millis left = session ? life_left(*session) : Millis(0);
    alive.push_back(left > Millis(0));
    if (session && left < options_.idle) {
      shorten.add(redis::Command("PEXPIRE", session_key(hashes[i]), left.count()));
    }
  }
  if (!shorten.empty()) {
    const std::vector<redis::Reply> shortened = co_await redis_.exec(std::move(shorten));
    redis::throw_if_error(shortened);
  }
  co_return alive;
}

awaitable<bool> Sessions::alive(std::string hash) {
  redis::Command get("GET", session_key(hash));
  const redis::Reply reply = co_await redis_.exec(std::move(get));
  const std::string* text = reply.as_string();
  if (!text) co_return false;
  const std::optional<Session> session = parse(hash, *text);
  co_return session&& life_left(*session) > Millis(0);
}

awaitable<std::vector<ListedSession>> Sessions::list(UserId user) {
  redis::Command newest("ZREVRANGE", user_sessions_key(user), 0, kListed - 1);
  const redis::Reply hashes = co_await redis_.exec(std::move(newest));
  redis::Pipeline look;
  for (const redis::Reply& hash : hashes.as_array()) {
    look.add(redis::Command("GET", session_key(hash.text())));
    look.add(redis::Command("PTTL", session_key(hash.text())));
  }
  std::vector<ListedSession> listed;
  if (look.empty()) co_return listed;
  const std::vector<redis::Reply> replies = co_await redis_.exec(std::move(look));
  redis::throw_if_error(replies);
  for (std::size_t i = 0; i < hashes.as_array().size(); ++i) {
    const std::string* text = replies[2 * i].as_string();
    if (!text) continue;  // Ended by itself; the index keeps its hash for a while.
    std::optional<Session> session = parse(hashes.as_array()[i].text(), *text);
    if (!session || life_left(*session) <= Millis(0)) continue;
    const std::int64_t ttl = replies[2 * i + 1].as_int();
    listed.push_back(ListedSession{std::move(*session), env_.clock.wall_ms() + ttl});
  }
  co_return listed;
}

awaitable<void> Sessions::end(Session session) {
  redis::Pipeline commands;
  commands.add(redis::Command("DEL", session_key(session.hash)));
  commands.add(redis::Command("ZREM", user_sessions_key(session.user), session.hash));
  const std::vector<redis::Reply> replies = co_await redis_.exec(std::move(commands));
  redis::throw_if_error(replies);
}

awaitable<bool> Sessions::revoke(UserId user, std::string hash) {
  redis::Command find("ZSCORE", user_sessions_key(user), hash);
  const redis::Reply found = co_await redis_.exec(std::move(find));
  if (found.is_nil()) co_return false;
  Session session{user, std::move(hash), 0, "", ""};
  co_await end(std::move(session));
  co_return true;
}

awaitable<std::vector<std::string>> Sessions::end_all(UserId user) {
  const std::string index = user_sessions_key(user);
  std::vector<std::string> ended;
  for (;;) {
    redis::Command members("ZRANGE", index, 0, kBatch - 1);
    const redis::Reply reply = co_await redis_.exec(std::move(members));
    if (reply.as_array().empty()) co_return ended;
    redis::Pipeline commands;
    redis::Command remove("ZREM", index);
    for (const redis::Reply& member : reply.as_array()) {
      ended.push_back(member.text());
      commands.add(redis::Command("DEL", session_key(ended.back())));
      remove.arg(ended.back());
    }
    commands.add(std::move(remove));  // Last: what is not deleted yet stays listed.
    const std::vector<redis::Reply> replies = co_await redis_.exec(std::move(commands));
    redis::throw_if_error(replies);
  }
}

}  // namespace seendr::auth

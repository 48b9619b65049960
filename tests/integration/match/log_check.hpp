// Replays the whole log and compares the result with what Redis holds.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "match/keys.hpp"
#include "match/log_event.hpp"
#include "match/record.hpp"
#include "redis/client.hpp"

namespace seendr::match::test {

// The pool as the log alone tells it. Requires an untrimmed log.
class LogReplay {
 public:
  std::vector<std::string> faults;
  std::map<std::string, std::string> people;  // "A 1-5", "H 1-5" or "M room".
  std::map<std::string, std::string> rooms;   // The claim.
  std::map<std::string, int> shared;          // How often each slug was shared.
  std::size_t conflicts = 0;

  void take(const std::string& id_text, const std::string& text) {
    const auto id = parse_log_id(id_text);
    const auto event = id ? parse_event(*id, text) : std::nullopt;
    if (!event) {
      faults.push_back("unreadable: " + id_text + " " + text);
      return;
    }
    const bool follows =
        id->epoch == last_.epoch ? id->sequence == last_.sequence + 1 : id->sequence == 0;
    if (!follows) faults.push_back("gap before " + id_text);
    last_ = *id;
    id_ = *id;
    std::visit([this](const auto& e) { apply(e); }, *event);
  }

 private:
  void apply(const event::Joined& e) {
    const std::string user = e.ticket.user.text();
    if (starts_with(user, "M")) faults.push_back(user + " joined while in a room");
    people[user] = "A " + id_.text();
  }
  void apply(const event::Held& e) {
    const std::string user = e.user.text();
    const std::string from = (e.held ? "A " : "H ") + e.version.text();
    if (people[user] != from) faults.push_back(user + " held or released, but was not " + from);
    people[user] = (e.held ? "H " : "A ") + e.version.text();
  }
  void apply(const event::Left& e) { people.erase(e.user.text()); }
  void apply(const event::Claimed& e) {
    if (e.a == e.b) faults.push_back(e.a.text() + " was paired with themselves");
    for (const UserId user : {e.a, e.b}) {
      if (!starts_with(user.text(), "A")) faults.push_back(user.text() + " was not free: claimed");
      people[user.text()] = "M " + e.room.text();
    }
    if (rooms.contains(e.room.text())) faults.push_back(e.room.text() + " was made twice");
    rooms[e.room.text()] = id_.text();
    for (const std::string& slug : e.shared) ++shared[slug];
  }
  void apply(const event::Ended& e) {
    if (e.reason == CloseReason::conflict) ++conflicts;
    for (const UserId user : {e.a, e.b}) {
      const auto found = people.find(user.text());
      if (found != people.end() && found->second == "M " + e.room.text()) people.erase(found);
    }
    rooms.erase(e.room.text());
  }
  void apply(const event::Seated& e) {
    people[e.user.text()] = "M " + e.room.text();
    rooms.try_emplace(e.room.text(), e.claim.text());
  }
  void apply(const event::Beat&) {}
  void apply(const event::Blocked&) {}
  void apply(const event::Restarted&) {}

  bool starts_with(const std::string& user, const std::string& state) {
    const auto found = people.find(user);
    return found != people.end() && found->second.starts_with(state);
  }

  LogId last_;
  LogId id_;
};

inline std::map<std::string, std::string> pairs_of(const redis::Reply& reply) {
  std::map<std::string, std::string> out;
  const auto& fields = reply.as_array();
  for (std::size_t i = 0; i + 1 < fields.size(); i += 2) {
    out[fields[i].text()] = fields[i + 1].text();
  }
  return out;
}

inline awaitable<LogReplay> replay_log(redis::Client& redis) {
  const redis::Command range("XRANGE", shard_key("all", "log"), "-", "+");
  const redis::Reply entries = co_await redis.exec(range);
  LogReplay replay;
  for (const redis::Reply& entry : entries.as_array()) {
    replay.take(entry.as_array().at(0).text(), entry.as_array().at(1).as_array().at(1).text());
  }
  co_return replay;
}

// What of the log does not agree with Redis, in words; empty when all is well.
inline awaitable<std::vector<std::string>> check_log(redis::Client& redis) {
  redis::Pipeline reads;  // Together, so that nothing changes between them.
  reads.add("MULTI");
  reads.add("XRANGE", shard_key("all", "log"), "-", "+");
  reads.add("HGETALL", shard_key("all", "people"));
  reads.add("HGETALL", shard_key("all", "rooms"));
  reads.add("ZRANGE", shard_key("all", "lease"), 0, -1, "WITHSCORES");
  reads.add("EXEC");
  const std::vector<redis::Reply> replies = co_await redis.exec(std::move(reads));
  const auto& results = replies.back().as_array();

  LogReplay replay;
  for (const redis::Reply& entry : results.at(0).as_array()) {
    replay.take(entry.as_array().at(0).text(), entry.as_array().at(1).as_array().at(1).text());
  }
  std::vector<std::string> faults = replay.faults;
  std::map<std::string, std::string> people;
  for (const auto& [user, text] : pairs_of(results.at(1))) {
    if (text.starts_with("F")) continue;
    const auto fields = split(text, '|');
    people[user] = std::string(fields[0]) + " " + std::string(fields[1]);
  }
  std::map<std::string, std::string> rooms;
  for (const auto& [room, text] : pairs_of(results.at(2))) {
    rooms[room] = std::string(split(text, '|')[2]);
  }
  if (people != replay.people) faults.push_back("people in Redis differ from the log");
  if (rooms != replay.rooms) faults.push_back("rooms in Redis differ from the log");
  for (const auto& [user, deadline] : pairs_of(results.at(3))) {
    if (!pairs_of(results.at(1)).contains(user)) faults.push_back(user + " has a lease only");
  }
  for (const auto& [user, state] : people) {
    if (!pairs_of(results.at(3)).contains(user)) faults.push_back(user + " has no lease");
  }
  co_return faults;
}

// Calls of one command, from INFO commandstats.
inline std::size_t calls(const std::string& stats, const std::string& command) {
  const std::string key = "cmdstat_" + command + ":calls=";
  const std::size_t at = stats.find(key);
  return at == std::string::npos ? 0 : std::stoul(stats.substr(at + key.size()));
}

}  // namespace seendr::match::test

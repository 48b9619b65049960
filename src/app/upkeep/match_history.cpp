#include "app/upkeep/match_history.hpp"

#include "app/sql.hpp"
#include "match/log_event.hpp"
#include "match/log_reader.hpp"

namespace seendr::app {

namespace {

std::string sql_time(const std::string& ms) {
  return "to_timestamp(" + ms + " / 1000.0)";
}

// The first time that entries tell; 0 when none does.
std::int64_t first_time(const std::vector<match::LogEntry>& entries) {
  for (const match::LogEntry& entry : entries) {
    const std::optional<match::LogEvent> event = match::parse_event(entry.id, entry.text);
    const auto* beat = event ? std::get_if<match::event::Beat>(&*event) : nullptr;
    if (beat) return beat->server_ms;
  }
  return 0;
}

}  // namespace

struct MatchHistory::Position {
  match::LogId id;
  std::int64_t time_ms = 0;
};

struct MatchHistory::Batch {
  Position end;
  json::array made;   // {"room", "a", "b", "shared", "ms"}
  json::array ended;  // {"room", "reason", "ms"}
};

MatchHistory::MatchHistory(const Env& env, redis::Client& redis, postgres::Database& database,
                           std::string shard)
    : env_(env), redis_(redis), database_(database), shard_(std::move(shard)) {}

awaitable<MatchHistory::Step> MatchHistory::step(std::size_t count) {
  const Position from = co_await position();
  std::vector<match::LogEntry> entries = co_await match::read_log(redis_, shard_, from.id, count);
  match::LogId before = from.id;
  if (entries.empty()) {
    const match::LogId last = co_await match::last_of_log(redis_, shard_);
    if (last >= from.id || last == match::LogId{}) co_return Step{};
    // Redis lost everything, and its log began anew.
    env_.log.warn("history_log_is_new", "shard", shard_, "had_read", from.id.text());
    before = match::LogId{};
    entries = co_await match::read_log(redis_, shard_, before, count);
  }
  Batch batch;
  batch.end = Position{before, from.time_ms > 0 ? from.time_ms : first_time(entries)};
  Step step;
  step.read = entries.size();
  for (const match::LogEntry& entry : entries) {
    if (entry.id.epoch == batch.end.id.epoch) {
      step.lost += entry.id.sequence - batch.end.id.sequence - 1;
    }
    batch.end.id = entry.id;
    const std::optional<match::LogEvent> event = match::parse_event(entry.id, entry.text);
    if (!event) continue;
    if (const auto* beat = std::get_if<match::event::Beat>(&*event)) {
      batch.end.time_ms = std::max(batch.end.time_ms, beat->server_ms);
    } else if (const auto* claimed = std::get_if<match::event::Claimed>(&*event)) {
      batch.made.push_back(json::object{{"room", claimed->room.text()},
                                        {"a", claimed->a.value},
                                        {"b", claimed->b.value},
                                        {"shared", json::value_from(claimed->shared)},
                                        {"ms", batch.end.time_ms}});
    } else if (const auto* seated = std::get_if<match::event::Seated>(&*event)) {
      // Put back after a fail-over that may have lost the claim; known already, if it did not.
      batch.made.push_back(json::object{{"room", seated->room.text()},
                                        {"a", seated->user.value},
                                        {"b", seated->peer.value},
                                        {"shared", json::value_from(seated->shared)},
                                        {"ms", batch.end.time_ms}});
    } else if (const auto* ended = std::get_if<match::event::Ended>(&*event)) {
      batch.ended.push_back(json::object{{"room", ended->room.text()},
                                         {"reason", match::name(ended->reason)},
                                         {"ms", batch.end.time_ms}});
    }
  }
  step.made = batch.made.size();
  if (step.lost > 0) {
    env_.log.warn("history_lost", "shard", shard_, "entries", step.lost, "until",
                  batch.end.id.text());
  }
  step.overtaken = !co_await write(from, std::move(batch));
  co_return step;
}

awaitable<MatchHistory::Position> MatchHistory::position() {
  std::function<Position(pqxx::work&)> work = [shard = shard_](pqxx::work& w) {
    w.exec_params(
        "insert into match_history_read values ($1, 0, 0, to_timestamp(0)) on conflict do nothing",
        shard);
    const pqxx::row row = w.exec_params1(
        "select epoch, sequence, (extract(epoch from heard_at) * 1000)::bigint "
        "from match_history_read where shard = $1",
        shard);
    return Position{{row[0].as<std::uint64_t>(), row[1].as<std::uint64_t>()},
                    row[2].as<std::int64_t>()};
  };
  co_return co_await database_.run(std::move(work));
}

// False when another one has read on, or is about to.
awaitable<bool> MatchHistory::write(Position from, Batch batch) {
  std::function<bool(pqxx::work&)> work = [shard = shard_, from, end = batch.end,
                                           made = json::serialize(batch.made),
                                           ended = json::serialize(batch.ended)](pqxx::work& w) {
    const pqxx::result moved = w.exec_params(
        "update match_history_read set epoch = $4, sequence = $5, heard_at = " + sql_time("$6") +
            " where shard = (select shard from match_history_read "
            "where shard = $1 and epoch = $2 and sequence = $3 for update skip locked)",
        shard, from.id.epoch, from.id.sequence, end.id.epoch, end.id.sequence, end.time_ms);
    if (moved.affected_rows() == 0) return false;
    w.exec_params(
        "insert into match_history (room_id, shard, user_a, user_b, shared, made_at) "
        "select m.room, $2, a.id, b.id, m.shared, " +
            sql_time("m.ms") +
            " from jsonb_to_recordset($1::jsonb) "
            "as m (room text, a bigint, b bigint, shared text[], ms bigint) "
            "left join users a on a.id = m.a left join users b on b.id = m.b "
            "on conflict do nothing",
        made, shard);
    w.exec_params("update match_history h set ended_at = " + sql_time("e.ms") +
                      ", end_reason = e.reason from jsonb_to_recordset($1::jsonb) "
                      "as e (room text, reason text, ms bigint) "
                      "where h.room_id = e.room and h.ended_at is null",
                  ended);
    return true;
  };
  co_return co_await database_.run(std::move(work));
}

}  // namespace seendr::app

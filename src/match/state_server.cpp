#include "match/state_server.hpp"

#include "match/epoch.lua.hpp"
#include "match/keys.hpp"
#include "redis/connection.hpp"

namespace seendr::match {
namespace {

constexpr std::string_view kRunId = "run_id:";

std::string run_id_of(const std::string& info) {
  const std::size_t at = info.find(kRunId);
  if (at == std::string::npos) return {};
  const std::size_t begin = at + kRunId.size();
  return info.substr(begin, info.find_first_of("\r\n", begin) - begin);
}

std::int64_t milliseconds(const redis::Reply& time) {
  const auto& parts = time.as_array();
  return parts.at(0).as_int() * 1000 + parts.at(1).as_int() / 1000;
}

}  // namespace

StateServer::StateServer(const Env& env, std::string shard) : env_(env), shard_(std::move(shard)) {}

redis::OnConnect StateServer::greeting() {
  return [this](redis::Connection& connection) {
    return greet(connection);
  };
}

std::int64_t StateServer::now_ms() const {
  return heard_ ? env_.clock.now_ms() + offset_ms_ : env_.clock.wall_ms();
}

void StateServer::heard(std::int64_t server_ms) {
  offset_ms_ = server_ms - env_.clock.now_ms();
  heard_ = true;
}

awaitable<void> StateServer::greet(redis::Connection& connection) {
  const redis::Command ask_info("INFO", "server");
  const redis::Command ask_time("TIME");
  const redis::Reply info = co_await connection.exec(ask_info);
  const redis::Command script = epoch_command(info.text());
  const redis::Reply epoch = co_await connection.exec(script);
  const redis::Reply time = co_await connection.exec(ask_time);
  learn(epoch, time);
}

awaitable<void> StateServer::refresh(redis::Client& client) {
  const redis::Command ask_info("INFO", "server");
  const redis::Command ask_time("TIME");
  const redis::Reply info = co_await client.exec(ask_info);
  const redis::Command script = epoch_command(info.text());
  const redis::Reply epoch = co_await client.exec(script);
  const redis::Reply time = co_await client.exec(ask_time);
  learn(epoch, time);
}

redis::Command StateServer::epoch_command(const std::string& info) const {
  redis::Command script("EVAL", kEpochLua, 7);
  script.args(shard_keys(shard_, kNoHour));
  script.arg(run_id_of(info)).arg(epoch_);
  return script;
}

void StateServer::learn(const redis::Reply& epoch, const redis::Reply& time) {
  epoch_ = std::max(epoch_, static_cast<std::uint64_t>(epoch.as_int()));
  heard(milliseconds(time));
}

}  // namespace seendr::match

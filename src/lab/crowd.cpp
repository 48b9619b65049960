#include "lab/crowd.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "runtime/sleep.hpp"

namespace seendr::lab {
namespace {

constexpr std::size_t kConnectingAtOnce = 32;
constexpr Millis kLook{5};
constexpr Millis kLeaveLimit{5000};

bool share_language(const Player& a, const Player& b) {
  const std::vector<std::string>& other = b.person().languages;
  return std::any_of(a.person().languages.begin(), a.person().languages.end(),
                     [&other](const std::string& tag) {
                       return std::find(other.begin(), other.end(), tag) != other.end();
                     });
}

}  // namespace

Crowd::Crowd(const Env& env, Executor executor)
    : env_(env), group_(executor, [this](const std::string& name, std::exception_ptr error) {
        // A send that fails is only the echo of a connection that ended, which its reader reports.
        if (name != "send") ++failures_[name + ": " + what(error)];
        if (name == "connect" && !connect_failure_) connect_failure_ = error;
      }) {}

Player& Crowd::add(Person person, http::ClientTarget server, Manner manner) {
  players_.emplace_back(env_, std::move(person), std::move(server), manner, witness_, group_);
  order_.push_back(&players_.back());
  return players_.back();
}

awaitable<void> Crowd::connect() {
  next_ = 0;
  connecting_ = std::min(kConnectingAtOnce, order_.size());
  for (std::size_t i = connecting_; i > 0; --i) group_.spawn("connect", connect_some());
  while (connecting_ > 0) {
    co_await sleep_for(kLook);
  }
  if (connect_failure_) std::rethrow_exception(connect_failure_);
}

awaitable<void> Crowd::connect_some() {
  struct Leave {
    std::size_t& count;
    ~Leave() { --count; }
  };
  const Leave leave{connecting_};
  while (next_ < order_.size() && !connect_failure_) {
    Player& player = *order_[next_++];
    if (!player.connected()) {
      co_await player.connect();
    }
  }
}

awaitable<bool> Crowd::wait_until(std::function<bool()> done, Millis limit) {
  const auto end = env_.clock.now() + limit;
  while (!done()) {
    if (env_.clock.now() >= end) co_return false;
    co_await sleep_for(kLook);
  }
  co_return true;
}

awaitable<void> Crowd::close() {
  for (Player& player : players_) {
    player.cancel();
    player.leave();
  }
  const std::function<bool()> all_left = [this] {
    return std::none_of(players_.begin(), players_.end(), [](const Player& player) {
      return player.connected() && player.leaving();
    });
  };
  co_await wait_until(all_left, kLeaveLimit);
  for (Player& player : players_) player.cut();
  group_.cancel();
  co_await group_.join();
}

std::vector<Violation> Crowd::violations(Millis grace) const {
  const auto now = env_.clock.now().time_since_epoch() - grace;
  return witness_.violations(std::chrono::duration_cast<std::chrono::microseconds>(now).count());
}

std::map<std::string, std::size_t> Crowd::troubles() const {
  std::map<std::string, std::size_t> out = failures_;
  for (const Player& player : players_) {
    for (const auto& [code, count] : player.errors()) out["error " + code] += count;
    if (player.close_code() != 0) ++out["closed " + std::to_string(player.close_code())];
  }
  return out;
}

std::size_t left_over(const std::vector<const Player*>& searching) {
  std::vector<const Player*> apart;
  std::size_t count = 0;
  for (const Player* player : searching) {
    const bool could = std::any_of(apart.begin(), apart.end(), [player](const Player* other) {
      return share_language(*player, *other);
    });
    if (could) {
      ++count;
    } else {
      apart.push_back(player);
    }
  }
  return count;
}

}  // namespace seendr::lab

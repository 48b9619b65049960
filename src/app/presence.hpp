// How many people are here: counted over all processes, for the page.
//
// Each process notes its number of connected people in the hash seendr:app:hosts every few seconds;
// the sum of the recent ones is the number online. Once a minute one process adds the sum to the
// mean of that hour of the day (seendr:app:hours). Nothing is shown before there is enough of it.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "base/env.hpp"
#include "match/matchmaker.hpp"
#include "redis/client.hpp"

namespace seendr::app {

struct PresenceView {
  std::size_t online = 0;  // People with an open socket, on all processes.
  std::size_t searching = 0;
  std::map<std::uint32_t, std::size_t> searching_by_interest;
  std::optional<match::WaitQuantiles> wait;
  std::optional<std::array<int, 24>> usual_by_hour;  // Mean people online by UTC hour.
};

// The latest view; written by the keeper, read by any thread.
class PresenceBoard {
 public:
  std::shared_ptr<const PresenceView> view() const;
  void publish(PresenceView view);

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const PresenceView> view_ = std::make_shared<PresenceView>();
};

// The processes that gave a sign of life of late: the names of those that are counted.
awaitable<std::set<std::string>> living_hosts(redis::Client& redis, std::int64_t now_ms);

class PresenceKeeper {
 public:
  struct Local {
    std::size_t online = 0;
    match::Presence matching;
  };

  // `look`: what this process sees now. On the executor of run(). All must outlive the keeper.
  PresenceKeeper(const Env& env, redis::Client& redis, std::string instance,
                 std::function<Local()> look, PresenceBoard& board);

  awaitable<void> run();    // Until cancelled; goes on over Redis failures.
  awaitable<void> close();  // This process counts no longer.

 private:
  awaitable<void> count_hosts(std::size_t online_here);
  awaitable<void> count_hour(std::size_t online);

  Env env_;
  redis::Client& redis_;
  std::string instance_;
  std::function<Local()> look_;
  PresenceBoard& board_;
  std::size_t online_elsewhere_ = 0;
  std::optional<std::array<int, 24>> usual_;
};

}  // namespace seendr::app

// The metrics of one client, named after its client_name.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/env.hpp"

namespace seendr::redis {

class Probe {
 public:
  Probe(Metrics& metrics, const std::string& client)
      : commands_(metrics.counter("seendr_redis_commands_total", "Commands sent to Redis.",
                                  {{"client", client}})),
        timed_out_(error(metrics, client, "timed_out")),
        lost_(error(metrics, client, "connection_lost")),
        overloaded_(error(metrics, client, "overloaded")),
        refused_(error(metrics, client, "server_error")),
        reconnects_(metrics.counter("seendr_redis_reconnects_total",
                                    "Connections made after the first one.", {{"client", client}})),
        queue_(metrics.gauge("seendr_redis_queue", "Commands waiting or in flight.",
                             {{"client", client}})),
        round_trip_(metrics.histogram(
            "seendr_redis_round_trip_seconds",
            "From exec() to the reply; one of 64 calls is measured.",
            {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1, 5},
            {{"client", client}})) {}

  void sent(std::size_t commands) { commands_.Increment(static_cast<double>(commands)); }
  void timed_out() { timed_out_.Increment(); }
  void lost() { lost_.Increment(); }
  void overloaded() { overloaded_.Increment(); }
  void refused() { refused_.Increment(); }
  void reconnected() { reconnects_.Increment(); }
  void answered_after(std::chrono::duration<double> time) { round_trip_.Observe(time.count()); }

  // Several clients of one name add up.
  void queue(std::size_t commands) {
    queue_.Increment(static_cast<double>(commands) - static_cast<double>(queued_));
    queued_ = commands;
  }

 private:
  static Counter& error(Metrics& metrics, const std::string& client, const std::string& kind) {
    return metrics.counter("seendr_redis_errors_total", "Commands without a good reply, by kind.",
                           {{"client", client}, {"kind", kind}});
  }

  Counter& commands_;
  Counter& timed_out_;
  Counter& lost_;
  Counter& overloaded_;
  Counter& refused_;
  Counter& reconnects_;
  Gauge& queue_;
  Histogram& round_trip_;
  std::size_t queued_ = 0;
};

}  // namespace seendr::redis

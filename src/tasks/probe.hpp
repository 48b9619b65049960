// Counts what a worker does.
#pragma once

#include <array>
#include <string>

#include "base/metrics.hpp"
#include "tasks/queues.hpp"

namespace seendr::tasks {

class Probe {
 public:
  explicit Probe(Metrics& metrics)
      : claimed(metrics.counter("seendr_tasks_claimed_total", "Messages taken from queues.")),
        lost(metrics.counter("seendr_tasks_lost_total",
                             "Messages whose lease ended before they were settled.")),
        swept(metrics.counter("seendr_tasks_swept_total",
                              "Messages of dead workers that were found.")),
        seconds(metrics.histogram("seendr_tasks_run_seconds", "Time that attempts took.",
                                  {0.001, 0.01, 0.1, 1, 10, 60, 600})),
        settled_{&outcome(metrics, "acknowledged"), &outcome(metrics, "returned"),
                 &outcome(metrics, "delayed"), &outcome(metrics, "buried")} {}

  Counter& settled(Fate fate) { return *settled_[static_cast<std::size_t>(fate)]; }

  Counter& claimed;
  Counter& lost;
  Counter& swept;
  Histogram& seconds;

 private:
  static Counter& outcome(Metrics& metrics, const std::string& name) {
    return metrics.counter("seendr_tasks_settled_total", "Messages settled, by outcome.",
                           {{"outcome", name}});
  }

  std::array<Counter*, 4> settled_;  // In the order of Fate.
};

}  // namespace seendr::tasks

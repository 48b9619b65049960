// The process' metrics, by name and labels; served as text on /metrics. Safe from any thread.
//
// A module's probe asks once for each metric and keeps the reference:
//
//   Counter& claims = env.metrics.counter("seendr_match_claims_total", "Claims by result.",
//                                         {{"result", "ok"}});
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>

namespace seendr {

using prometheus::Counter;
using prometheus::Gauge;
using prometheus::Histogram;

class Metrics {
 public:
  using Labels = std::map<std::string, std::string>;

  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // The same name and labels give the same object, which lives as long as this registry.
  Counter& counter(const std::string& name, const std::string& help, const Labels& labels = {});
  Gauge& gauge(const std::string& name, const std::string& help, const Labels& labels = {});
  // `bounds`: upper limits of the buckets, ascending; the first call for a name decides.
  Histogram& histogram(const std::string& name, const std::string& help,
                       const std::vector<double>& bounds, const Labels& labels = {});

  // The Prometheus text format, version 0.0.4.
  std::string scrape() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace seendr

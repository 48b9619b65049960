#include "base/metrics.hpp"

#include <mutex>

#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace seendr {

struct Metrics::State {
  mutable std::mutex mutex;
  std::map<std::string, prometheus::Family<Counter>*> counters;
  std::map<std::string, prometheus::Family<Gauge>*> gauges;
  std::map<std::string, prometheus::Family<Histogram>*> histograms;
  prometheus::Registry registry;
};

Metrics::Metrics() : state_(std::make_unique<State>()) {}
Metrics::~Metrics() = default;

Counter& Metrics::counter(const std::string& name, const std::string& help, const Labels& labels) {
  const std::lock_guard lock(state_->mutex);
  auto& family = state_->counters[name];
  if (!family)
    family = &prometheus::BuildCounter().Name(name).Help(help).Register(state_->registry);
  return family->Add(labels);
}

Gauge& Metrics::gauge(const std::string& name, const std::string& help, const Labels& labels) {
  const std::lock_guard lock(state_->mutex);
  auto& family = state_->gauges[name];
  if (!family) family = &prometheus::BuildGauge().Name(name).Help(help).Register(state_->registry);
  return family->Add(labels);
}

Histogram& Metrics::histogram(const std::string& name, const std::string& help,
                              const std::vector<double>& bounds, const Labels& labels) {
  const std::lock_guard lock(state_->mutex);
  auto& family = state_->histograms[name];
  if (!family) {
    family = &prometheus::BuildHistogram().Name(name).Help(help).Register(state_->registry);
  }
  return family->Add(labels, bounds);
}

std::string Metrics::scrape() const {
  return prometheus::TextSerializer().Serialize(state_->registry.Collect());
}

}  // namespace seendr

// What the server does at given times. Every process has the same entries; one enqueues them.
#pragma once

#include <vector>

#include "app/settings/settings.hpp"
#include "tasks/schedule.hpp"

namespace seendr::app {

// Throws ConfigError when a time or zone cannot be used.
std::vector<tasks::Entry> schedule_entries(const Settings& settings);

}  // namespace seendr::app

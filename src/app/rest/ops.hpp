// Operations endpoints: /healthz, /readyz, /metrics. They work from the first moment on.
#pragma once

#include "app/health.hpp"
#include "base/metrics.hpp"
#include "http/networks.hpp"
#include "http/router.hpp"

namespace seendr::app {

// `networks`: who besides loopback may see metrics and reasons. All must outlive the router.
void add_ops_routes(http::Router& router, const Health& health, const Metrics& metrics,
                    const http::Networks& networks);

}  // namespace seendr::app

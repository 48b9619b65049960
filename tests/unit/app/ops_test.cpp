#include "app/rest/ops.hpp"

#include <gtest/gtest.h>

#include "support/run.hpp"

namespace seendr::app {
namespace {

class OpsTest : public testing::Test {
 protected:
  OpsTest() {
    health_.set("start", "");
    health_.set("redis", "The connection was lost");
    metrics_.counter("seendr_test_total", "Of this test.").Increment();
    add_ops_routes(router_, health_, metrics_, networks_);
  }

  http::Response get(const std::string& name, const std::string& address) {
    const http::RouteMatch match = router_.find(http::Method::get, {name});
    http::Request request;
    request.path = "/" + name;
    request.remote_address = address;
    http::Response response;
    test::run([&]() -> awaitable<void> { response = co_await match.route->handler(request); });
    return response;
  }

  Health health_;
  Metrics metrics_;
  http::Networks networks_ = *http::Networks::parse({"10.0.0.0/8", "2001:db8::/32"});
  http::Router router_;
};

const std::vector<std::string> kInsiders = {"127.0.0.1", "::1", "10.1.2.3", "2001:db8::7"};
const std::vector<std::string> kOthers = {"192.0.2.1", "11.1.2.3", "2001:db9::7", "", "unknown"};

TEST_F(OpsTest, ShowsMetricsToLoopbackAndTheNetworksOfOperations) {
  for (const std::string& address : kInsiders) {
    const http::Response seen = get("metrics", address);
    EXPECT_EQ(seen.status, 200) << address;
    EXPECT_NE(seen.content().find("seendr_test_total 1"), std::string::npos) << address;
  }
  for (const std::string& address : kOthers) {
    const http::Response seen = get("metrics", address);
    EXPECT_EQ(seen.status, 404) << address;
    EXPECT_EQ(seen.content().find("seendr_test_total"), std::string::npos) << address;
  }
}

TEST_F(OpsTest, TellsEverybodyWhetherItIsReadyAndInsidersWhyNot) {
  for (const std::string& address : kInsiders) {
    const http::Response seen = get("readyz", address);
    EXPECT_EQ(seen.status, 503);
    EXPECT_EQ(seen.content(), R"({"ready":false,"reasons":["redis: The connection was lost"]})");
  }
  for (const std::string& address : kOthers) {
    const http::Response seen = get("readyz", address);
    EXPECT_EQ(seen.status, 503);
    EXPECT_EQ(seen.content(), R"({"ready":false})") << address;
  }
  health_.set("redis", "");
  EXPECT_EQ(get("readyz", "192.0.2.1").status, 200);
}

TEST_F(OpsTest, TellsEverybodyThatItLives) {
  EXPECT_EQ(get("healthz", "192.0.2.1").status, 200);
}

}  // namespace
}  // namespace seendr::app

#include "app/origin.hpp"

#include <gtest/gtest.h>

namespace seendr::app {
namespace {

http::Request request(std::initializer_list<http::Headers::Field> headers, bool secure = false) {
  http::Request request;
  request.host = "seendr.test:8080";
  request.secure = secure;
  request.headers = http::Headers(headers);
  return request;
}

const OriginRules kRules({"https://friend.test"});

TEST(Origin, OnlyOurOwnAndAllowedOriginsMayOpenASocket) {
  EXPECT_TRUE(kRules.may_upgrade(request({{"Origin", "http://seendr.test:8080"}})));
  EXPECT_TRUE(kRules.may_upgrade(request({{"Origin", "https://friend.test"}})));
  EXPECT_TRUE(kRules.may_upgrade(request({})));
  EXPECT_FALSE(kRules.may_upgrade(request({{"Origin", "http://seendr.test"}})));
  EXPECT_FALSE(kRules.may_upgrade(request({{"Origin", "https://seendr.test:8080"}})));
  EXPECT_FALSE(kRules.may_upgrade(request({{"Origin", "http://evil.test"}})));
  EXPECT_FALSE(kRules.may_upgrade(request({{"Origin", "null"}})));
  EXPECT_TRUE(kRules.may_upgrade(request({{"Origin", "https://seendr.test:8080"}}, true)));
}

TEST(Origin, WithACookieAForeignPageMayChangeNothing) {
  const http::Headers::Field cookie{"Cookie", "sessionid=x"};
  EXPECT_TRUE(kRules.may_change(request({cookie})));
  EXPECT_TRUE(kRules.may_change(request({cookie, {"Origin", "http://seendr.test:8080"}})));
  EXPECT_TRUE(kRules.may_change(request({cookie, {"Sec-Fetch-Site", "same-origin"}})));
  EXPECT_FALSE(kRules.may_change(request({cookie, {"Origin", "http://evil.test"}})));
  EXPECT_FALSE(kRules.may_change(request({cookie, {"Sec-Fetch-Site", "cross-site"}})));
  EXPECT_FALSE(kRules.may_change(request({cookie, {"Sec-Fetch-Site", "same-site"}})));
}

TEST(Origin, AForeignPageMaySignNobodyIn) {
  EXPECT_FALSE(kRules.may_change(request({{"Origin", "http://evil.test"}})));
  EXPECT_FALSE(kRules.may_change(request({{"Sec-Fetch-Site", "cross-site"}})));
  EXPECT_TRUE(kRules.may_change(request({})));
}

}  // namespace
}  // namespace seendr::app

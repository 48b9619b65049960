#include "app/ice.hpp"

#include <gtest/gtest.h>

namespace seendr::app {
namespace {

const IceOptions kBoth{
    {"stun:s:3478", "turn:t:3478?transport=udp"}, "secret", std::chrono::seconds(60), false};

TEST(Ice, HandsOutCredentialsAsCoturnChecksThem) {
  const json::array servers = ice_servers(kBoth, "pabc", false, 1000);

  ASSERT_EQ(servers.size(), 2U);
  EXPECT_EQ(servers[0].at("urls").as_array()[0].as_string(), "stun:s:3478");
  EXPECT_EQ(servers[1].at("username").as_string(), "1060:pabc");
  // printf '1060:pabc' | openssl dgst -sha1 -hmac secret -binary | base64
  EXPECT_EQ(servers[1].at("credential").as_string(), "0J4j3vVGhQ+eAzPSlenNWX2E3EM=");
}

TEST(Ice, WhoHidesTheAddressGetsNoStunServer) {
  const json::array servers = ice_servers(kBoth, "pabc", true, 1000);

  ASSERT_EQ(servers.size(), 1U);
  EXPECT_TRUE(servers[0].at("urls").as_array()[0].as_string().starts_with("turn:"));
}

TEST(Ice, WithoutASecretOnlyStunIsHandedOut) {
  IceOptions options = kBoth;
  options.secret.clear();
  EXPECT_EQ(ice_servers(options, "pabc", false, 1000).size(), 1U);
  EXPECT_TRUE(ice_servers(options, "pabc", true, 1000).empty());
}

TEST(Ice, ARelayIsOneThatBrowsersGetCredentialsFor) {
  EXPECT_TRUE(has_relay(kBoth));
  IceOptions no_secret = kBoth;
  no_secret.secret.clear();
  EXPECT_FALSE(has_relay(no_secret));
  IceOptions no_turn = kBoth;
  no_turn.urls = {"stun:s:3478"};
  EXPECT_FALSE(has_relay(no_turn));
}

}  // namespace
}  // namespace seendr::app

#include "http/networks.hpp"

#include <gtest/gtest.h>

namespace seendr::http {
namespace {

Networks networks(const std::vector<std::string>& texts) {
  const std::optional<Networks> parsed = Networks::parse(texts);
  EXPECT_TRUE(parsed);
  return parsed.value_or(Networks());
}

TEST(Networks, ContainsTheAddressesOfItsPrefixes) {
  const Networks list = networks({"10.0.0.0/8", "192.168.1.128/25", "2001:db8::/33", "1.2.3.4"});

  for (const std::string_view inside :
       {"10.255.0.1", "192.168.1.200", "2001:db8:7fff::1", "1.2.3.4", "::ffff:10.1.1.1"}) {
    EXPECT_TRUE(list.contains(inside)) << inside;
  }
  for (const std::string_view outside :
       {"11.0.0.1", "192.168.1.127", "2001:db8:8000::1", "1.2.3.5", "::a00:1", "", "localhost"}) {
    EXPECT_FALSE(list.contains(outside)) << outside;
  }
}

TEST(Networks, OfNoBitsContainsItsWholeFamily) {
  const Networks list = networks({"0.0.0.0/0"});
  EXPECT_TRUE(list.contains("255.255.255.255"));
  EXPECT_FALSE(list.contains("::1"));
}

TEST(Networks, RefusesWhatIsNoNetwork) {
  for (const std::string text : {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8x", "10.0.0.0/-1",
                                 "::1/129", "example.org", "10.0.0/8"}) {
    EXPECT_FALSE(Networks::parse({text})) << text;
  }
}

class OriginTest : public testing::Test {
 protected:
  const Networks trusted = networks({"10.0.0.0/8", "::1"});

  Origin find(std::string_view peer, bool tls, const Headers& headers) const {
    return find_origin(boost::asio::ip::make_address(peer), tls, headers, trusted);
  }
};

TEST_F(OriginTest, BelievesNothingOfAStranger) {
  const Origin origin =
      find("9.9.9.9", false, {{"X-Forwarded-For", "1.1.1.1"}, {"X-Forwarded-Proto", "https"}});
  EXPECT_EQ(origin.address, "9.9.9.9");
  EXPECT_FALSE(origin.secure);
}

TEST_F(OriginTest, IsTheRightmostAddressThatIsNotTrusted) {
  const Headers headers{{"X-Forwarded-For", "6.6.6.6, 203.0.113.7"},
                        {"X-Forwarded-For", "10.0.0.2"},
                        {"X-Forwarded-Proto", "http, https"}};
  const Origin origin = find("10.0.0.1", false, headers);
  EXPECT_EQ(origin.address, "203.0.113.7");
  EXPECT_TRUE(origin.secure);
}

TEST_F(OriginTest, StaysWithTheLastGoodHopBeforeGarbage) {
  EXPECT_EQ(find("10.0.0.1", false, {{"X-Forwarded-For", "1.1.1.1, unknown, 10.0.0.2"}}).address,
            "10.0.0.2");
}

TEST_F(OriginTest, IsTheFirstProxyWhenEveryHopIsTrusted) {
  EXPECT_EQ(find("10.0.0.1", true, {{"X-Forwarded-For", "10.0.0.9"}}).address, "10.0.0.9");
  EXPECT_EQ(find("10.0.0.1", true, {}).address, "10.0.0.1");
}

TEST_F(OriginTest, ReadsPortsAndBrackets) {
  EXPECT_EQ(find("10.0.0.1", false, {{"X-Forwarded-For", "1.2.3.4:5678"}}).address, "1.2.3.4");
  EXPECT_EQ(find("10.0.0.1", false, {{"X-Forwarded-For", "[2001:db8::1]:443"}}).address,
            "2001:db8::1");
  EXPECT_EQ(find("::1", false, {{"X-Forwarded-For", "2001:db8::2"}}).address, "2001:db8::2");
}

TEST_F(OriginTest, WritesAMappedPeerAsIpv4) {
  EXPECT_EQ(find("::ffff:9.8.7.6", true, {}).address, "9.8.7.6");
  EXPECT_TRUE(find("::ffff:9.8.7.6", true, {}).secure);
}

TEST_F(OriginTest, TakesTheSchemeOfATrustedProxyEvenBehindTls) {
  EXPECT_FALSE(find("10.0.0.1", true, {{"X-Forwarded-Proto", "http"}}).secure);
  EXPECT_TRUE(find("10.0.0.1", true, {}).secure);
}

}  // namespace
}  // namespace seendr::http

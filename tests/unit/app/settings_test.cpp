#include "app/settings/settings.hpp"

#include <cstdlib>
#include <fstream>

#include <gtest/gtest.h>

#include "app/cache_ttls.hpp"
#include "support/golden.hpp"

namespace seendr::app {
namespace {

using Pairs = Settings::Pairs;

std::string refusal(const Pairs& environment, const std::string& file = "",
                    const Pairs& flags = {}) {
  try {
    Settings::load(environment, file, flags);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

class SettingsFile : public ::testing::Test {
 protected:
  std::string write(const std::string& text) {
    const std::string path = ::testing::TempDir() + "settings_test.toml";
    std::ofstream(path) << text;
    return path;
  }
};

TEST(SettingsTable, DefaultsAreThemselvesValid) {
  for (const Key& key : settings_table()) {
    const Pairs flags{{std::string(key.name), std::string(key.fallback)}};
    EXPECT_EQ(refusal({}, "", flags), "") << key.name;
    EXPECT_FALSE(key.help.empty()) << key.name;
  }
}

TEST(SettingsTable, LeasesLastAsLongAsTheTableOfLifetimesSays) {
  const Settings settings = Settings::load({}, "", {});
  EXPECT_EQ(settings.ms("match.lease_ms"), cache_ttl::kPool);
}

TEST_F(SettingsFile, AFlagBeatsTheEnvironmentBeatsTheFileBeatsTheDefault) {
  const std::string file = write("[server]\nport = 1\nhost = \"::1\"\n[match]\nhold_ms = 7\n");
  const Pairs environment{{"SEENDR_SERVER_PORT", "2"}, {"SEENDR_SERVER_HOST", "127.0.0.2"}};

  const Settings settings = Settings::load(environment, file, {{"server.port", "3"}});

  EXPECT_EQ(settings.integer("server.port"), 3);
  EXPECT_EQ(settings.at("server.port").origin, "flag");
  EXPECT_EQ(settings.text("server.host"), "127.0.0.2");
  EXPECT_EQ(settings.at("server.host").origin, "environment SEENDR_SERVER_HOST");
  EXPECT_EQ(settings.ms("match.hold_ms"), Millis(7));
  EXPECT_EQ(settings.at("match.hold_ms").origin, "file " + file);
  EXPECT_EQ(settings.at("match.lease_ms").origin, "default");
}

TEST_F(SettingsFile, ReadsListsAsArrays) {
  const std::string file = write("[turn]\nurls = [\"stun:a\", \"turn:b?transport=udp\"]\n");

  EXPECT_EQ(Settings::load({}, file, {}).list("turn.urls"),
            (std::vector<std::string>{"stun:a", "turn:b?transport=udp"}));
}

TEST_F(SettingsFile, NamesTheFileAndLineOfASyntaxError) {
  const std::string file = write("[server]\nport = \n");
  EXPECT_NE(refusal({}, file).find(file + ":"), std::string::npos);
}

TEST(Settings, RefusesUnknownKeysWhereverTheyCome) {
  EXPECT_NE(refusal({{"SEENDR_MATCH_LEESE_MS", "1"}}).find("SEENDR_MATCH_LEESE_MS"),
            std::string::npos);
  EXPECT_NE(refusal({}, "", {{"match.leese_ms", "1"}}).find("match.leese_ms"), std::string::npos);
  EXPECT_EQ(refusal({{"PATH", "/bin"}}), "");
}

TEST(Settings, RefusesValuesThatDoNotFitAndSaysWhy) {
  EXPECT_NE(refusal({{"SEENDR_SERVER_PORT", "eighty"}}).find("must be a whole number"),
            std::string::npos);
  EXPECT_NE(refusal({{"SEENDR_SERVER_PORT", "70000"}}).find("from 0 to 65535"), std::string::npos);
  EXPECT_NE(refusal({{"SEENDR_SERVER_WORKER", "yes"}}).find("true or false"), std::string::npos);
  EXPECT_NE(refusal({{"SEENDR_LIMITS_MATCHING", "10 per minute"}}).find("like 10/60s"),
            std::string::npos);
  EXPECT_NE(refusal({{"SEENDR_TURN_POLICY", "none"}}).find("all relay"), std::string::npos);
  EXPECT_NE(refusal({{"REDIS_URL", "localhost"}}).find("must be like redis://"), std::string::npos);
  EXPECT_NE(refusal({{"CACHE_URL", "http://h"}}).find("must be like redis://"), std::string::npos);
  EXPECT_NE(refusal({{"DATABASE_URL", "mysql://h/d"}}).find("must be a PostgreSQL URI"),
            std::string::npos);
  EXPECT_NE(refusal({{"SEENDR_MATCH_RELAX_CURVE", "5:1,3:0"}}).find("match.relax_curve"),
            std::string::npos);
  EXPECT_NE(refusal({{"SEENDR_TURN_URLS", "stun:a,http://x"}}).find("turns: URLs"),
            std::string::npos);
}

TEST(Settings, NeverPrintsSecrets) {
  const Pairs environment{
      {"SEENDR_TURN_SECRET", "s3cret"},
      {"REDIS_URL", "redis://user:s3cret@host:1/0"},
      {"DATABASE_URL", "postgresql:///x?password=s3cret&host=h"},
      {"SEENDR_DJANGO_DATABASE_URL", "postgresql:///x?sslpassword=s3cret&password=s3cret"}};

  const std::string shown = Settings::load(environment, "", {}).show();

  EXPECT_EQ(shown.find("s3cret"), std::string::npos);
  EXPECT_NE(shown.find("redis://user:********@host:1/0"), std::string::npos);
  EXPECT_NE(shown.find("password=********&host=h"), std::string::npos);
}

TEST(Settings, RepeatsAWrongValueUnlessItMayHaveAPasswordInIt) {
  EXPECT_NE(refusal({}, "", {{"turn.ttl_s", "x"}}).find("\"x\""), std::string::npos);
  for (const char* name : {"REDIS_URL", "CACHE_URL", "DATABASE_URL", "SEENDR_DJANGO_CACHE_URL",
                           "SEENDR_DJANGO_DATABASE_URL"}) {
    for (const char* wrong : {"postgresql+psycopg2://bob:s3cret@h/d", "host=db password=s3cret",
                              "redis+tls://:s3cret@h", "postgresql://bob:s3cret%zz@h/d"}) {
      const std::string why = refusal({{name, wrong}});
      EXPECT_NE(why.find(name), std::string::npos) << why;
      EXPECT_EQ(why.find("s3cret"), std::string::npos) << why;
    }
  }
}

TEST(Limit, IsCallsInAWindowAPlainCountOrOff) {
  EXPECT_EQ(parse_limit("10/60s")->calls, 10);
  EXPECT_EQ(parse_limit("10/60s")->window, Millis(60'000));
  EXPECT_EQ(parse_limit("3/250ms")->window, Millis(250));
  EXPECT_EQ(parse_limit("200")->calls, 200);
  EXPECT_EQ(parse_limit("200")->window, Millis(0));
  EXPECT_TRUE(parse_limit("off")->off);
  for (const char* bad : {"", "0", "-1", "10/", "10/60", "10/0s", "/60s", "ten/60s", "10/60h"}) {
    EXPECT_FALSE(parse_limit(bad)) << bad;
  }
}

TEST(Curve, IsLinearOrPointsInFallingOrder) {
  EXPECT_TRUE(parse_curve("linear")->empty());
  const std::vector<match::CurvePoint> points{{Millis(0), 1}, {Millis(2000), 0.4}};
  EXPECT_EQ(parse_curve("0:1, 2000:0.4"), points);
  for (const char* bad : {"", ",", "steep", "0", ":1", "0:", ":", "0:nan", "0:inf", "0:2", "0:-0.1",
                          "-1:1", "0:1x", "0:0.5,1000:0.6", "5:1,3:0", "5:1,5:0"}) {
    EXPECT_FALSE(parse_curve(bad)) << bad;
  }
}

TEST(Settings, TheReferenceIsTheDocumentInTheTree) {
  test::expect_file(SEENDR_SOURCE_DIR "/docs/configuration.md", settings_reference());
}

}  // namespace
}  // namespace seendr::app

#include "auth/agent_label.hpp"

#include <gtest/gtest.h>

namespace seendr::auth {
namespace {

TEST(AgentLabel, NamesTheUsualBrowsersAndTheirSystems) {
  EXPECT_EQ(agent_label("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"),
            "Firefox on Linux");
  EXPECT_EQ(agent_label("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like "
                        "Gecko) Chrome/126.0.0.0 Safari/537.36"),
            "Chrome on Windows");
  EXPECT_EQ(agent_label("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like "
                        "Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0"),
            "Edge on Windows");
  EXPECT_EQ(agent_label("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 "
                        "(KHTML, like Gecko) Version/17.5 Safari/605.1.15"),
            "Safari on macOS");
  EXPECT_EQ(agent_label("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1 "
                        "(KHTML, like Gecko) CriOS/126.0 Mobile/15E148 Safari/604.1"),
            "Chrome on iPhone");
  EXPECT_EQ(agent_label("Mozilla/5.0 (Linux; Android 14; K) AppleWebKit/537.36 (KHTML, like Gecko) "
                        "SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36"),
            "Samsung Internet on Android");
}

TEST(AgentLabel, NamesTheBrowserAloneOnASystemItDoesNotKnow) {
  EXPECT_EQ(agent_label("Mozilla/5.0 (Haiku; rv:128.0) Gecko/20100101 Firefox/128.0"), "Firefox");
}

TEST(AgentLabel, LeavesAnUnknownAgentWithoutOne) {
  EXPECT_EQ(agent_label(""), "");
  EXPECT_EQ(agent_label("curl/8.5.0"), "");
  EXPECT_EQ(agent_label("<script>alert(1)</script> on Linux"), "");
}

}  // namespace
}  // namespace seendr::auth

#include "app/mail/outbox.hpp"

#include <filesystem>
#include <fstream>
#include <set>

#include <gtest/gtest.h>

#include "support/golden.hpp"

#include <sys/stat.h>

namespace seendr::app {
namespace {

namespace fs = std::filesystem;

class OutboxTest : public testing::Test {
 protected:
  OutboxTest() {
    std::string name = (fs::temp_directory_path() / "seendr-outbox-XXXXXX").string();
    if (!mkdtemp(name.data())) throw std::runtime_error("no temporary directory");
    root_ = name;
  }
  ~OutboxTest() override { fs::remove_all(root_); }

  std::string folder() const { return root_ + "/data/outbox"; }

  std::set<std::string> names() const {
    std::set<std::string> out;
    for (const auto& entry : fs::directory_iterator(folder())) {
      out.insert(entry.path().filename().string());
    }
    return out;
  }

  static mode_t rights(const std::string& path) {
    struct stat info {};
    EXPECT_EQ(stat(path.c_str(), &info), 0) << path;
    return info.st_mode & 0777;
  }

  std::string root_;
};

TEST_F(OutboxTest, WritesAFileThatOnlyItsOwnerReads) {
  const Outbox outbox(folder());
  const Delivery delivery = outbox.put("Subject: x\r\n\r\n", 1'767'225'600'000, "abc");
  EXPECT_EQ(delivery.kind, Delivery::Kind::sent) << delivery.reason;
  EXPECT_EQ(names(), std::set<std::string>{"1767225600000-abc.eml"}) << "and no draft";
  const std::string path = folder() + "/1767225600000-abc.eml";
  EXPECT_EQ(test::read_file(path), "Subject: x\r\n\r\n");
  EXPECT_EQ(rights(path), 0600u);
  EXPECT_EQ(rights(folder()), 0700u);
}

TEST_F(OutboxTest, TakesAwayWhatADeadProcessBegan) {
  const Outbox outbox(folder());
  fs::create_directories(folder());
  for (const char* name : {".1767225600000-dead.eml", ".1767229100000-young.eml", ".other"}) {
    std::ofstream(folder() + "/" + name) << "x";
  }
  outbox.put("x", 1'767'229'200'001, "u");  // An hour after the first.
  EXPECT_EQ(names(),
            (std::set<std::string>{".1767229100000-young.eml", "1767229200001-u.eml", ".other"}));
}

TEST_F(OutboxTest, KeepsNoMailLongerThanTwoDays) {
  const Outbox outbox(folder());
  constexpr std::int64_t kFirst = 1'767'225'600'000;
  constexpr std::int64_t kTwoDays = 172'800'000;
  outbox.put("x", kFirst, "a");
  outbox.put("x", kFirst + 1, "b");
  std::ofstream(folder() + "/own.eml") << "mine";
  outbox.put("x", kFirst + 1 + kTwoDays, "c");
  EXPECT_EQ(names(),
            (std::set<std::string>{"1767225600001-b.eml", "1767398400001-c.eml", "own.eml"}));
  outbox.trim(kFirst + 2 + kTwoDays);
  EXPECT_EQ(names(), (std::set<std::string>{"1767398400001-c.eml", "own.eml"}));
}

TEST_F(OutboxTest, KeepsTheNewest) {
  const Outbox outbox(folder(), 3);
  for (int i = 1; i <= 5; ++i) outbox.put("x", 1'767'225'600'000 + i, "u");
  EXPECT_EQ(names(), (std::set<std::string>{"1767225600003-u.eml", "1767225600004-u.eml",
                                            "1767225600005-u.eml"}));
}

TEST_F(OutboxTest, TouchesNoFileThatIsNotItsOwn) {
  fs::create_directories(folder());
  std::ofstream(folder() + "/0-notes.txt") << "mine";
  const Outbox outbox(folder(), 1);
  for (int i = 1; i <= 3; ++i) outbox.put("x", i, "u");
  EXPECT_EQ(names(), (std::set<std::string>{"0-notes.txt", "3-u.eml"}));
}

TEST_F(OutboxTest, DoesNotOverwrite) {
  const Outbox outbox(folder());
  outbox.put("first", 1, "u");
  fs::create_symlink(folder() + "/1-u.eml", folder() + "/.2-u.eml");
  const Delivery second = outbox.put("second", 2, "u");
  EXPECT_EQ(second.kind, Delivery::Kind::temporary);
  EXPECT_EQ(test::read_file(folder() + "/1-u.eml"), "first");
}

TEST_F(OutboxTest, SaysWhyItCannotWrite) {
  std::ofstream(root_ + "/data") << "a file where the folder should be";
  const Delivery delivery = Outbox(folder()).put("x", 1, "u");
  EXPECT_EQ(delivery.kind, Delivery::Kind::temporary);
  EXPECT_NE(delivery.reason.find(folder()), std::string::npos) << delivery.reason;
}

}  // namespace
}  // namespace seendr::app

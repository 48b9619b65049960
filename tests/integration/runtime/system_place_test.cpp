#include "runtime/system_place.hpp"

#include <csignal>
#include <cstdlib>
#include <unistd.h>

#include <gtest/gtest.h>

#include "runtime/child_process.hpp"

namespace seendr {
namespace {

using namespace std::chrono_literals;

TEST(LeftByAll, TellsWhetherAProcessStillLivesInTheFolder) {
  char name[] = "/tmp/seendr-home-XXXXXX";
  const std::string folder = mkdtemp(name);
  ChildOptions options;
  options.program = "/bin/sh";
  options.arguments = {"-c", "exec sleep 60"};
  options.directory = folder;
  ChildProcess child = ChildProcess::start(options);

  EXPECT_FALSE(left_by_all(folder, 1ms));
  child.signal(SIGKILL);
  EXPECT_TRUE(left_by_all(folder, 10s));
  EXPECT_TRUE(left_by_all("/nowhere", 1ms));
  rmdir(folder.c_str());
}

TEST(FindProgram, LooksInPathAndTheSystemFolders) {
  EXPECT_NE(find_program("sh"), std::nullopt);
  EXPECT_EQ(find_program("no-such-program-here"), std::nullopt);
}

}  // namespace
}  // namespace seendr

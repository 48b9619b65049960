#include "lab/witness.hpp"

#include <gtest/gtest.h>

namespace seendr::lab {
namespace {

// Three people in the article's manner, who are told each other's ids.
class WitnessTest : public testing::Test {
 protected:
  std::vector<Defect> defects(Micros told_before = 1'000'000) const {
    std::vector<Defect> out;
    for (const Violation& violation : witness_.violations(told_before)) {
      out.push_back(violation.defect);
    }
    return out;
  }

  void pair(const std::string& room, PersonIndex a, PersonIndex b, Micros now) {
    const std::vector<std::string> ids{"10", "20", "30"};
    witness_.told_match(a, room, ids[b], now);
    witness_.told_match(b, room, ids[a], now);
  }

  Witness witness_;
  PersonIndex ada_ = witness_.add("10");
  PersonIndex bob_ = witness_.add("20");
  PersonIndex eve_ = witness_.add("30");
};

TEST_F(WitnessTest, IsContentWithAPairOnWhichBothAgree) {
  pair("r1", ada_, bob_, 5);

  EXPECT_TRUE(defects().empty());
  EXPECT_EQ(witness_.room_of(ada_), "r1");
  EXPECT_EQ(witness_.room_of(eve_), "");
}

TEST_F(WitnessTest, SeesOnePersonInTwoRooms) {
  pair("r1", ada_, bob_, 5);
  pair("r2", ada_, eve_, 6);

  EXPECT_EQ(defects(), (std::vector{Defect::two_rooms}));
}

TEST_F(WitnessTest, AllowsASecondRoomAfterEitherHasLeftTheFirst) {
  pair("r1", ada_, bob_, 5);
  witness_.leaves(bob_);
  pair("r2", ada_, eve_, 6);

  EXPECT_TRUE(defects().empty());
}

TEST_F(WitnessTest, AllowsTheSameMatchToBeToldAgain) {
  pair("r1", ada_, bob_, 5);
  pair("r1", ada_, bob_, 6);

  EXPECT_TRUE(defects().empty());
}

TEST_F(WitnessTest, SeesAThirdPersonInARoom) {
  pair("r1", ada_, bob_, 5);
  witness_.told_match(eve_, "r1", "10", 6);

  EXPECT_EQ(defects(), (std::vector{Defect::crowded_room}));
}

TEST_F(WitnessTest, SeesAMatchThatOneSideAloneWasToldOf) {
  witness_.told_match(ada_, "r1", "20", 100);

  EXPECT_EQ(defects(101), (std::vector{Defect::one_sided}));
  EXPECT_TRUE(defects(100).empty()) << "the other may still be told";
  witness_.leaves(ada_);
  EXPECT_TRUE(defects(101).empty());
}

TEST_F(WitnessTest, SeesSidesThatNameDifferentPartners) {
  witness_.told_match(ada_, "r1", "20", 5);
  witness_.told_match(bob_, "r1", "30", 5);

  EXPECT_EQ(defects(), (std::vector{Defect::wrong_partner}));
}

TEST_F(WitnessTest, DoesNotCompareTheAliasesThatSomebodyIsTold) {
  const PersonIndex eli = witness_.add("40", Naming::aliases);
  witness_.told_match(ada_, "r1", "40", 5);
  witness_.told_match(eli, "r1", "p-4711", 5);

  EXPECT_TRUE(defects().empty());
}

TEST_F(WitnessTest, ComparesTheIdOfSomebodyWhoIsToldAliases) {
  const PersonIndex eli = witness_.add("40", Naming::aliases);
  witness_.told_match(ada_, "r1", "20", 5);
  witness_.told_match(eli, "r1", "p-4711", 5);

  EXPECT_EQ(defects(), (std::vector{Defect::wrong_partner}));
}

TEST_F(WitnessTest, SeesAPairThatBrokeAlone) {
  pair("r1", ada_, bob_, 5);
  witness_.told_end(ada_, "r1", "timeout");
  witness_.told_end(bob_, "r1", "timeout");

  EXPECT_EQ(defects(), (std::vector{Defect::broke_alone}));
  EXPECT_EQ(witness_.room_of(ada_), "");
}

TEST_F(WitnessTest, AllowsAPairToEndWhenOneLeaves) {
  pair("r1", ada_, bob_, 5);
  witness_.leaves(ada_);
  witness_.told_end(bob_, "r1", "left");
  witness_.told_end(ada_, "r1", "left");

  EXPECT_TRUE(defects().empty());
  EXPECT_EQ(witness_.room_of(bob_), "");
}

TEST_F(WitnessTest, MeasuresFromTheLaterSearch) {
  witness_.searched(ada_, 100);
  witness_.searched(bob_, 300);
  witness_.told_match(bob_, "r1", "10", 350);
  witness_.told_match(ada_, "r1", "20", 370);

  ASSERT_EQ(witness_.pairs().size(), 1U);
  const PairTimes times = witness_.pairs().front();
  EXPECT_EQ(times.searched_us, 300);
  EXPECT_EQ(times.first, bob_);
  EXPECT_EQ(times.first_us, 350);
  EXPECT_EQ(times.second_us, 370);
  EXPECT_EQ(witness_.waits(), (std::vector<Micros>{50, 270}));
}

TEST_F(WitnessTest, DoesNotCountASearchThatFoundNobody) {
  witness_.searched(ada_, 100);
  witness_.found_nobody(ada_);
  witness_.searched(bob_, 300);
  pair("r1", ada_, bob_, 350);

  EXPECT_EQ(witness_.pairs().front().searched_us, 300);
  EXPECT_EQ(witness_.waits(), (std::vector<Micros>{50}));
}

TEST(DefectNames, AreTheirIdentifiers) {
  EXPECT_EQ(name(Defect::two_rooms), "two_rooms");
  EXPECT_EQ(name(Defect::broke_alone), "broke_alone");
}

}  // namespace
}  // namespace seendr::lab

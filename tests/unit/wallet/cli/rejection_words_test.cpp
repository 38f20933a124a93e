#include "ledger/codec/describe.hpp"
#include "wallet/cli/session.hpp"

#include <gtest/gtest.h>

#include <map>

namespace {

using market::Rejection;

std::vector<Rejection> all_rejections()
{
    std::vector<Rejection> all;
    for (std::uint64_t value = 1;; ++value) {
        const auto rejection = ledger::codec::enum_from<Rejection>(value);
        if (!rejection) return all;
        all.push_back(*rejection);
    }
}

TEST(RejectionWords, EveryRejectionIsSaidInWordsForPeople)
{
    ASSERT_GT(all_rejections().size(), 100U);
    for (const auto rejection : all_rejections()) {
        const auto name = std::string{ledger::codec::enum_name(rejection)};
        const auto said = wallet::cli::in_words(rejection);
        EXPECT_NE(said, name);
        EXPECT_TRUE(said.ends_with(" (" + name + ")")) << said;
    }
}

TEST(RejectionWords, NoTwoRejectionsAreSaidInTheSameWords)
{
    std::map<std::string, Rejection> known;
    for (const auto rejection : all_rejections()) {
        const auto said = wallet::cli::in_words(rejection);
        const auto words = said.substr(0, said.rfind(" ("));
        const auto [at, is_new] = known.emplace(words, rejection);
        EXPECT_TRUE(is_new) << said << " and " << ledger::codec::enum_name(at->second);
    }
}

}  // namespace

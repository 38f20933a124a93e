#include "node/core/consensus_frames.hpp"

#include <gtest/gtest.h>

#include <set>

namespace node {
namespace {

using namespace ledger;
namespace consensus = ledger::consensus;

TEST(ConsensusFrames, EveryMessageOfTheCoreHasAFrameOfItsOwn)
{
    const std::vector<consensus::Message> all{
        consensus::Vote{},      consensus::Propose{},  Certificate{},
        consensus::Status{},    consensus::GetCerts{}, consensus::Certs{},
        consensus::GetBlocks{}, consensus::Blocks{},   consensus::GetBody{},
        consensus::Body{},      consensus::Evidence{}, consensus::EpochProof{}};
    ASSERT_EQ(all.size(), std::variant_size_v<consensus::Message>);
    std::set<MessageKind> kinds;
    for (const auto& message : all) {
        const auto kind = kind_of(message);
        EXPECT_TRUE(is_consensus(kind));
        EXPECT_TRUE(kinds.insert(kind).second);
        ASSERT_NE(rule_of(kind), nullptr);
        // A frame that may be longer than its message would let memory be taken for nothing.
        EXPECT_LE(rule_of(kind)->most, consensus::message_limit(consensus::type_of(message)) * 4);
        EXPECT_GE(rule_of(kind)->most, consensus::message_limit(consensus::type_of(message)))
            << rule_of(kind)->name;
    }
    EXPECT_FALSE(is_consensus(message::transaction));
    EXPECT_FALSE(is_consensus(message::hello));
}

TEST(ConsensusFrames, AMessageComesOutAsItWentIn)
{
    const consensus::GetCerts asked{3, 7, 9};
    const auto back = decode_consensus(message::get_certificates, consensus::encode_message(asked));
    ASSERT_TRUE(back);
    EXPECT_EQ(std::get<consensus::GetCerts>(*back), asked);
    EXPECT_FALSE(decode_consensus(message::vote, consensus::encode_message(asked)));
}

TEST(ConsensusFrames, ListsOfIdsAreBounded)
{
    const std::vector<WireId> most(1'000);
    EXPECT_EQ(*decode_ids(encode_ids(most)), most);
    EXPECT_LE(encode_ids(most).size(), rule_of(message::inventory)->most);
    const std::vector<WireId> more(1'001);
    EXPECT_EQ(decode_ids(encode_ids(more)).error().kind, ErrorKind::full);
    auto torn = encode_ids(most);
    torn.pop_back();
    EXPECT_FALSE(decode_ids(torn));
}

}  // namespace
}  // namespace node

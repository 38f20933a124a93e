#include "node/transport/frame.hpp"

#include "ledger/crypto/random.hpp"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace node {
namespace {

using ledger::Bytes;
using ledger::ByteView;

Bytes head(std::uint32_t length, std::uint8_t channel, std::uint8_t type)
{
    return {static_cast<std::uint8_t>(length >> 24),
            static_cast<std::uint8_t>(length >> 16),
            static_cast<std::uint8_t>(length >> 8),
            static_cast<std::uint8_t>(length),
            channel,
            type};
}

std::vector<Frame> take_all(FrameSplitter& splitter, ByteView input)
{
    std::vector<Frame> frames;
    while (!input.empty()) {
        auto step = splitter.take(input);
        EXPECT_TRUE(step);
        if (!step) break;
        if (step->frame) frames.push_back(std::move(*step->frame));
        input = input.subspan(step->consumed);
    }
    return frames;
}

TEST(MessageRules, AreAscendingSoThatEachIsFoundOnce)
{
    std::set<std::string_view> names;
    const MessageRule* before = nullptr;
    for (const auto& rule : message_rules()) {
        if (before != nullptr) {
            EXPECT_LT(before->kind, rule.kind) << rule.name;
        }
        EXPECT_EQ(rule_of(rule.kind), &rule);
        EXPECT_TRUE(names.insert(rule.name).second) << rule.name;
        EXPECT_GE(rule.least, 1u);
        EXPECT_LE(rule.least, rule.most);
        before = &rule;
    }
    EXPECT_EQ(rule_of({Channel::control, 0}), nullptr);
    EXPECT_EQ(rule_of({Channel::addresses, 3}), nullptr);
    EXPECT_EQ(rule_of({Channel::providers, 4}), nullptr);
    EXPECT_EQ(rule_of({static_cast<Channel>(9), 1}), nullptr);
}

TEST(MessageRules, AreTheLimitsOfTheDesign)
{
    EXPECT_EQ(rule_of(message::vote)->most, 256u);
    EXPECT_EQ(rule_of(message::certificate)->most, 16u << 10);
    EXPECT_EQ(rule_of(message::status)->most, 32u << 10);
    EXPECT_EQ(rule_of(message::inventory)->most, 32u << 10);
    EXPECT_EQ(rule_of(message::transaction)->most, 64u << 10);
    EXPECT_EQ(rule_of(message::proposal)->most, 8u << 20);
    EXPECT_EQ(rule_of(message::blocks)->most, 10u << 20);
    EXPECT_EQ(rule_of(message::snapshot_chunk)->most, 5u << 19);
    EXPECT_EQ(rule_of(message::provider_page)->most, 32u << 10);
    EXPECT_EQ(rule_of(message::get_providers)->most, 128u);
    EXPECT_EQ(rule_of(message::providers)->most, 64u << 10);
}

TEST(FrameSplitter, TakesFramesOutOfEverySegmentation)
{
    std::vector<Frame> sent{{message::vote, Bytes(96, 7)},
                            {message::ping, Bytes(8, 1)},
                            {message::transaction, Bytes(64 << 10, 9)},
                            {message::status, Bytes{4}}};
    Bytes wire;
    for (const auto& frame : sent) ledger::append(wire, *encode_frame(frame.kind, frame.payload));
    ledger::SeededRandom random{1};
    for (int round = 0; round < 50; ++round) {
        FrameSplitter splitter;
        std::vector<Frame> got;
        for (std::size_t at = 0; at < wire.size();) {
            const auto size = std::min<std::size_t>(
                wire.size() - at, round == 0 ? 1 : 1 + random.below(round % 2 == 0 ? 20 : 9000));
            for (auto& frame : take_all(splitter, ByteView{wire}.subspan(at, size)))
                got.push_back(std::move(frame));
            at += size;
        }
        ASSERT_EQ(got, sent);
        EXPECT_TRUE(splitter.between_frames());
    }
}

TEST(FrameSplitter, RefusesALengthOneAboveTheLimitOfItsKind)
{
    for (const auto& rule : message_rules()) {
        const auto channel = static_cast<std::uint8_t>(rule.kind.channel);
        FrameSplitter fits, over;
        EXPECT_TRUE(fits.take(head(rule.most, channel, rule.kind.type)));
        EXPECT_EQ(fits.announced(), rule.most);
        const auto refused = over.take(head(rule.most + 1, channel, rule.kind.type));
        ASSERT_FALSE(refused) << rule.name;
        EXPECT_EQ(refused.error(), FrameFault::too_large) << rule.name;
        EXPECT_EQ(over.held(), 0u);
    }
}

TEST(FrameSplitter, RefusesFourGibibytesWithoutTakingMemory)
{
    FrameSplitter splitter;
    EXPECT_EQ(splitter.take(head(0xffffffff, 1, 3)).error(), FrameFault::too_large);
    EXPECT_EQ(splitter.held(), 0u);
}

TEST(FrameSplitter, RefusesEmptyAndShortPayloads)
{
    EXPECT_EQ(FrameSplitter{}.take(head(0, 1, 1)).error(), FrameFault::empty);
    EXPECT_EQ(FrameSplitter{}.take(head(7, 0, 2)).error(), FrameFault::empty);
}

TEST(FrameSplitter, RefusesUnknownKindsAndStaysRefused)
{
    FrameSplitter splitter;
    EXPECT_EQ(splitter.take(head(1, 1, 99)).error(), FrameFault::unknown_kind);
    EXPECT_EQ(splitter.take(head(1, 1, 1)).error(), FrameFault::unknown_kind);
    EXPECT_EQ(FrameSplitter{}.take(head(1, 77, 1)).error(), FrameFault::unknown_kind);
    EXPECT_EQ(FrameSplitter{}.take(ledger::as_bytes("GET / HTTP/1.1\r\n\r\n")).error(),
              FrameFault::unknown_kind);
}

TEST(FrameSplitter, TakesOnlyWhatIsExpectedBeforePeersKnowEachOther)
{
    FrameSplitter splitter;
    splitter.expect_only(message::hello);
    EXPECT_EQ(splitter.take(*encode_frame(message::vote, Bytes(9))).error(),
              FrameFault::unexpected_kind);
    FrameSplitter other;
    other.expect_only(message::hello);
    EXPECT_TRUE(other.take(*encode_frame(message::hello, Bytes(9)))->frame);
    EXPECT_TRUE(other.take(*encode_frame(message::goodbye, Bytes(9)))->frame);
    other.expect_only({});
    EXPECT_TRUE(other.take(*encode_frame(message::vote, Bytes(9)))->frame);
}

TEST(FrameSplitter, TakesMemoryOnlyAsBytesArrive)
{
    FrameSplitter splitter;
    ASSERT_TRUE(splitter.take(head(8u << 20, 1, 3)));
    EXPECT_EQ(splitter.held(), 0u);
    const Bytes piece(10'000);
    std::size_t arrived = 0;
    while (arrived < 1'000'000) {
        ASSERT_TRUE(splitter.take(piece));
        arrived += piece.size();
        EXPECT_LE(splitter.held(), std::max(FrameSplitter::first_step, 2 * arrived));
    }
}

}  // namespace
}  // namespace node

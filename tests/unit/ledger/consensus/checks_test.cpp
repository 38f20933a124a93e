// What certificates, headers and justifications show by themselves, one fault at a time.
#include "tests/support/consensus_puppets.hpp"

#include <gtest/gtest.h>

namespace sim {
namespace {

using enum VoteKind;

struct Checks : testing::Test {
    Puppets puppets;
    const Epoch& epoch = puppets.core->epoch();
};

TEST_F(Checks, NameWhatIsWrongWithACertificate)
{
    const auto verdict = [&](auto&& spoil) {
        auto certificate = puppets.certificate(nullify, 1);
        spoil(certificate);
        const auto done = check_certificate(certificate, epoch, puppets.verifier);
        return done ? "" : done.error().detail;
    };
    EXPECT_EQ(verdict([](auto&) {}), "");
    EXPECT_EQ(verdict([](auto& bad) { bad.epoch = 1; }), "another epoch");
    EXPECT_EQ(verdict([](auto& bad) { bad.view = 0; }), "views start at 1");
    EXPECT_EQ(verdict([](auto& bad) { bad.id.bytes[0] = 1; }),
              "a vote to nullify, and no other, names no block");
    EXPECT_EQ(verdict([](auto& bad) { bad.kind = notarize; }),
              "a vote to nullify, and no other, names no block");
    EXPECT_EQ(verdict([](auto& bad) { bad.view = 2; }), "a vote's signature does not verify");
    EXPECT_EQ(verdict([](auto& bad) {
                  bad.bitmap[0] = 0x60;
                  bad.signatures.pop_back();
              }),
              "power below the quorum");
}

TEST_F(Checks, NameWhatIsWrongWithAHeader)
{
    const auto verdict = [&](auto&& spoil) {
        auto header = puppets.block(2, nullptr).header;
        spoil(header);
        const auto done = check_header(header, epoch);
        return done ? "" : done.error().detail;
    };
    const auto tail = [](auto& header) {
        header.kind = BlockKind::tail;
        header.parent_view = 1;
    };
    EXPECT_EQ(verdict([](auto&) {}), "");
    EXPECT_EQ(verdict(tail), "");
    EXPECT_EQ(verdict([](auto& bad) { bad.version = 2; }), "unknown header version");
    EXPECT_EQ(verdict([](auto& bad) { bad.chain_id = {8}; }), "another chain");
    EXPECT_EQ(verdict([](auto& bad) { bad.epoch = 1; }), "another epoch");
    EXPECT_EQ(verdict([](auto& bad) { bad.view = 0; }), "views start at 1");
    EXPECT_EQ(verdict([](auto& bad) { ++bad.view; }), "not proposed by the leader");
    EXPECT_EQ(verdict([](auto& bad) { bad.parent_view = 2; }), "the parent's view is not below");
    EXPECT_EQ(verdict([](auto& bad) { bad.parent_id.bytes[0] ^= 1; }), "view 0 is the anchor's");
    EXPECT_EQ(verdict([](auto& bad) { bad.valset_hash.bytes[0] ^= 1; }), "another validator set");
    EXPECT_EQ(verdict([](auto& bad) { bad.kind = BlockKind::sealing; }),
              "a seal, and only a seal, names the next validators");
    EXPECT_EQ(verdict([](auto& bad) { bad.next_valset_hash.bytes[0] = 1; }),
              "a seal, and only a seal, names the next validators");
    EXPECT_EQ(verdict([](auto& bad) { bad.tx_count = BlockLimits::transactions + 1; }),
              "the body is too large");
    EXPECT_EQ(verdict([](auto& bad) { bad.body_bytes = BlockLimits::body_bytes + 5; }),
              "the body is too large");
    const auto of_tail = [&](auto&& spoil) {
        return verdict([&](auto& header) {
            tail(header);
            spoil(header);
        });
    };
    EXPECT_EQ(of_tail([](auto& bad) { bad.tx_count = 1; }), "a block after the seal is empty");
    EXPECT_EQ(of_tail([](auto& bad) { bad.tx_root.bytes[0] ^= 1; }),
              "a block after the seal is empty");
    EXPECT_EQ(of_tail([](auto& bad) { bad.body_bytes = 5; }), "a block after the seal is empty");
    EXPECT_EQ(of_tail([](auto& bad) { bad.receipts_root.bytes[0] ^= 1; }),
              "a block after the seal is empty");
}

TEST_F(Checks, NameWhatIsWrongWithAJustification)
{
    const auto first = puppets.block(1, nullptr);
    const auto verdict = [&](auto&& spoil) {
        auto block = puppets.block(3, &first);
        spoil(block.justification);
        puppets.sign(block);
        const auto done = check_shape(block.justification, block.header, epoch);
        return done ? "" : done.error().detail;
    };
    EXPECT_EQ(verdict([](auto&) {}), "");
    EXPECT_EQ(verdict([](auto& bad) { bad.parent.reset(); }),
              "a parent needs its certificate, and the anchor has none");
    EXPECT_EQ(verdict([&](auto& bad) { bad.parent = puppets.certificate(nullify, 1); }),
              "the parent is nullified, not voted for");
    EXPECT_EQ(verdict([](auto& bad) { bad.parent->epoch = 1; }),
              "the certificate is not the parent's");
    EXPECT_EQ(verdict([](auto& bad) { bad.parent->view = 2; }),
              "the certificate is not the parent's");
    EXPECT_EQ(verdict([](auto& bad) { bad.parent->id.bytes[0] ^= 1; }),
              "the certificate is not the parent's");
    EXPECT_EQ(verdict([](auto& bad) { bad.skipped.clear(); }),
              "one certificate is needed for each view skipped, and no more");
    EXPECT_EQ(verdict([](auto& bad) { bad.skipped.push_back(bad.skipped.back()); }),
              "one certificate is needed for each view skipped, and no more");
    EXPECT_EQ(verdict([](auto& bad) { bad.skipped[0].epoch = 1; }),
              "a skipped view is not nullified, or out of order");
    EXPECT_EQ(verdict([](auto& bad) { bad.skipped[0].view = 1; }),
              "a skipped view is not nullified, or out of order");
    EXPECT_EQ(verdict([](auto& bad) { bad.skipped[0].kind = notarize; }),
              "a skipped view is not nullified, or out of order");
}

}  // namespace
}  // namespace sim

#include "wallet/labels/sealed_labels.hpp"

#include "ledger/crypto/hpke.hpp"
#include "ledger/crypto/merkle.hpp"
#include "ledger/crypto/secp256k1.hpp"
#include "tests/support/market_world.hpp"
#include "wallet/labels/gold.hpp"

#include <gtest/gtest.h>

namespace wallet {
namespace {

using market::MarketWorld;

ledger::X25519Key box(std::string_view name)
{
    return std::move(*ledger::hpke_derive_key(MarketWorld::hash_of(name).view()));
}

ledger::X25519PublicKey public_key(const ledger::X25519Key& key)
{
    return ledger::x25519_public_key(key);
}

class SealedLabels : public testing::Test {
protected:
    SealedLabels()
    {
        ordered.items = 4;
        ordered.classes = {"cat", "dog"};
    }
    market::LabelSubmit sealed(const std::vector<Label>& from)
    {
        auto made =
            seal_labels(from, seed, order, bob, {public_key(owner), public_key(arbiter)}, random);
        EXPECT_TRUE(made) << made.error().detail;
        return std::move(*made);
    }
    std::string refusal(const market::LabelSubmit& submitted)
    {
        const auto opened = open_labels(submitted, bob, submitted.owner_wrap, owner, ordered);
        return opened ? "opened" : opened.error().detail;
    }

    ledger::SeededRandom random{7};
    const ledger::X25519Key owner = box("owner"), arbiter = box("arbiter"), other = box("other");
    const market::LabelOrderId order =
        ledger::retag<market::LabelOrderId>(MarketWorld::hash_of("order"));
    const ledger::Address bob = MarketWorld::address_of("bob");
    const ledger::Hash seed = label_seed(MarketWorld::key_of("bob"), order);
    market::LabelOrder ordered;
    const std::vector<Label> labels{{1, 90}, {}, {0, 0}, {1, 100}};
};

TEST_F(SealedLabels, OpenForOwnerAndArbiterAndNobodyElse)
{
    const auto submitted = sealed(labels);
    EXPECT_EQ(submitted.labels, 3u);
    EXPECT_EQ(submitted.order, order);
    for (const auto& [wrap, key] :
         {std::pair{submitted.owner_wrap, &owner}, std::pair{submitted.arbiter_wrap, &arbiter}}) {
        const auto opened = open_labels(submitted, bob, wrap, *key, ordered);
        ASSERT_TRUE(opened) << opened.error().detail;
        EXPECT_EQ(opened->labels(), labels);
        EXPECT_EQ(root_of(opened->rows), submitted.root);
        EXPECT_FALSE(open_labels(submitted, bob, wrap, other, ordered));
    }
    EXPECT_FALSE(open_labels(submitted, MarketWorld::address_of("carol"), submitted.owner_wrap,
                             owner, ordered))
        << "nobody can pass them off as his own";
    auto moved = submitted;
    moved.order = {};
    EXPECT_FALSE(open_labels(moved, bob, moved.owner_wrap, owner, ordered));
}

TEST_F(SealedLabels, HaveRowsThatFollowFromTheAccount)
{
    EXPECT_EQ(sealed(labels).root, sealed(labels).root) << "by another machine, too";
    EXPECT_NE(sealed(labels).sealed, sealed(labels).sealed);
    EXPECT_NE(label_seed(MarketWorld::key_of("carol"), order), seed);
    EXPECT_NE(label_seed(MarketWorld::key_of("bob"), {}), seed);
    const auto rows = label_rows(labels, seed);
    ASSERT_EQ(rows.size(), 4u);
    EXPECT_NE(rows[0].salt, rows[1].salt);
    EXPECT_EQ(rows[3].item, 3u);
}

TEST_F(SealedLabels, AreRefusedWhereTheyAreNotWhatWasCommittedTo)
{
    auto submitted = sealed(labels);
    submitted.labels = 4;
    EXPECT_EQ(refusal(submitted), "the labels are not those that were committed to");
    submitted = sealed(labels);
    submitted.root.bytes[0] ^= 1;
    EXPECT_EQ(refusal(submitted), "the labels are not those that were committed to");
    submitted = sealed(labels);
    submitted.sealed[40] ^= 1;
    EXPECT_EQ(refusal(submitted), "the labels do not open");
    submitted = sealed({{0, 0}, {1, 0}, {0, 0}});
    EXPECT_EQ(refusal(submitted), "the labels are not of as many items as the order has");
    submitted = sealed({{0, 0}, {1, 0}, {0, 0}, {2, 0}});
    EXPECT_EQ(refusal(submitted), "a label is none of the classes, or a confidence above 100");
    submitted = sealed({{0, 0}, {1, 0}, {0, 101}, {1, 0}});
    EXPECT_EQ(refusal(submitted), "a label is none of the classes, or a confidence above 100");
    submitted = sealed(labels);
    submitted.owner_wrap.bytes[50] ^= 1;
    EXPECT_EQ(refusal(submitted), "the labels are not sealed to this key");
}

TEST_F(SealedLabels, NeedOneLabelAndFitTheLedgersChunk)
{
    const LabelReaders readers{public_key(owner), public_key(arbiter)};
    EXPECT_FALSE(seal_labels({{}, {}}, seed, order, bob, readers, random));
    EXPECT_FALSE(seal_labels(labels, seed, order, bob, {public_key(owner), {}}, random))
        << "a key of small order";
    EXPECT_LE(sealed(std::vector<Label>(8'192, Label{0, 1})).sealed.size(), 32'784u);
}

TEST_F(SealedLabels, CanBeHandedOnByWhoOpenedThem)
{
    const auto submitted = sealed(labels);
    const auto opened = open_labels(submitted, bob, submitted.arbiter_wrap, arbiter, ordered);
    ASSERT_TRUE(opened);
    const auto wrap =
        wrap_key(opened->key, market::label_submit_info(order, bob), public_key(owner), random);
    ASSERT_TRUE(wrap);
    const auto again = open_labels(submitted, bob, *wrap, owner, ordered);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->labels(), labels);
}

TEST_F(SealedLabels, ShowTheirErrorsWhereTheOwnerKnowsBetter)
{
    const auto gold =
        make_gold({{1, 0}, {1, 0}, {1, 0}, {}}, MarketWorld::key_of("alice"), ordered.items_root);
    ASSERT_EQ(gold.labels.size(), 3u);
    const auto rows = label_rows(labels, seed);
    EXPECT_EQ(gold.wrong_in(rows), 1u) << "an item without a label is not wrong";
    const auto errors = gold.errors_in(rows, 5);
    ASSERT_EQ(errors.size(), 1u);
    const auto& error = errors[0];
    EXPECT_EQ(error.item, 2u);
    EXPECT_EQ(error.place, 2u);
    EXPECT_TRUE(ledger::merkle_verify(
        gold.root(), market::gold_leaf({error.item, error.gold_label, error.gold_salt}),
        error.place, 3, error.gold_path));
    EXPECT_TRUE(ledger::merkle_verify(
        root_of(rows), market::label_leaf({error.item, error.label, error.confidence, error.salt}),
        error.item, 4, error.path));
    EXPECT_TRUE(gold.errors_in(rows, 0).empty());
    EXPECT_TRUE(Gold{}.root().is_zero());
    const auto others = make_gold({{1, 0}, {1, 0}, {1, 0}, {}}, MarketWorld::key_of("mallory"), {});
    EXPECT_NE(others.root(), gold.root()) << "salts are the owner's";
}

}  // namespace
}  // namespace wallet

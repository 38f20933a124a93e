#include "market/label_rows.hpp"

#include "ledger/crypto/hash.hpp"
#include "ledger/crypto/merkle.hpp"

#include <gtest/gtest.h>

#include <set>

namespace market {
namespace {

Hash filled(std::uint8_t with)
{
    Hash made;
    made.bytes.fill(with);
    return made;
}

TEST(LabelRows, AreLeavesOfTheirWholeContent)
{
    // u32 item, u32 label, u32 confidence, 32 bytes of salt, after RFC 6962's 0x00.
    Bytes encoded{0x00, 0, 0, 0, 7, 0, 0, 0, 2, 0, 0, 0, 100};
    ledger::append(encoded, filled(9).view());
    EXPECT_EQ(label_leaf({7, 2, 100, filled(9)}), ledger::sha256(encoded));

    const std::set<Hash> all{label_leaf({7, 2, 100, filled(9)}), label_leaf({8, 2, 100, filled(9)}),
                             label_leaf({7, 3, 100, filled(9)}), label_leaf({7, 2, 99, filled(9)}),
                             label_leaf({7, 2, 100, filled(8)}), gold_leaf({7, 2, filled(9)}),
                             gold_leaf({7, 2, filled(8)}),       gold_leaf({7, 3, filled(9)}),
                             gold_leaf({8, 2, filled(9)})};
    EXPECT_EQ(all.size(), 9u);
}

TEST(LabelRows, ItemsHaveOneRootInOneOrder)
{
    EXPECT_EQ(label_items_root({}), ledger::sha256({}));
    EXPECT_EQ(label_items_root({filled(1)}), ledger::merkle_leaf(filled(1).view()));
    EXPECT_NE(label_items_root({filled(1), filled(2)}), label_items_root({filled(2), filled(1)}));
    EXPECT_EQ(label_items_root({filled(1), filled(2)}),
              ledger::merkle_node(ledger::merkle_leaf(filled(1).view()),
                                  ledger::merkle_leaf(filled(2).view())));
}

TEST(LabelRows, WrapsAreOfOneOrderOnePersonAndOnePurpose)
{
    const auto order = ledger::retag<LabelOrderId>(filled(1));
    const auto other = ledger::retag<LabelOrderId>(filled(2));
    Address bob;
    bob.bytes.fill(3);
    const std::set<Hash> all{label_hand_info(order, bob),       label_hand_info(other, bob),
                             label_hand_info(order, {}),        label_submit_info(order, bob),
                             label_submit_info(other, bob),     label_submit_info(order, {}),
                             label_arbiter_info(filled(1), bob)};
    EXPECT_EQ(all.size(), 7u);
}

}  // namespace
}  // namespace market

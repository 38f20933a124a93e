#include "evaluation/run/dataset_root.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/crypto/sha256.hpp"
#include "tests/unit/evaluation/run/fake_source.hpp"

#include <gtest/gtest.h>

namespace evaluation {
namespace {

ledger::Hash root_of(const FakeSource& source)
{
    CollectOptions options;
    const auto io = echo_io(static_cast<std::int64_t>(source.rows.front().size()));
    const auto answers = collect(source, io, echo, options);
    EXPECT_TRUE(answers) << answers.error().detail;
    return answers ? answers->dataset_root : ledger::Hash{};
}

FakeSource some()
{
    auto source = FakeSource::of_classes({{0.5F, 0.5F}, {1, 0}}, {0, 1}, {"cat", "dog"});
    source.slices = {"barn", ""};
    return source;
}

void put(ledger::Bytes& to, std::uint64_t number)
{
    for (int i = 0; i < 8; ++i) to.push_back(static_cast<std::uint8_t>(number >> (8 * i)));
}
void put(ledger::Bytes& to, std::string_view text)
{
    put(to, text.size());
    ledger::append(to, ledger::as_bytes(text));
}

TEST(DatasetRoot, IsWhatTheHeaderSays)
{
    using namespace std::string_view_literals;
    ledger::Bytes first, second, head;
    put(first, "\0\0\0\x3f\0\0\0\x3f"sv);  // 0.5, 0.5
    first.push_back(1);
    put(first, "cat"sv);
    put(first, "barn"sv);
    put(second, "\0\0\x80\x3f\0\0\0\0"sv);
    second.push_back(1);
    put(second, "dog"sv);
    put(second, ""sv);
    put(head, 1);
    put(head, "x"sv);
    put(head, "FP32"sv);
    put(head, 1);
    put(head, 2);
    put(head, 2);
    const auto root = ledger::merkle_node(ledger::merkle_leaf(first), ledger::merkle_leaf(second));
    ledger::append(head, root.view());
    EXPECT_EQ(root_of(some()), ledger::tagged_sha256("millrace/samples/1", head));
}

TEST(DatasetRoot, EveryPartOfASampleAndTheOrderCount)
{
    const auto root = root_of(some());
    auto other = some();
    other.rows[1] = {0, 1};
    EXPECT_NE(root_of(other), root);
    other = some();
    other.labels[1] = 0;
    EXPECT_NE(root_of(other), root);
    other = some();
    other.slices[1] = "barn";
    EXPECT_NE(root_of(other), root);
    other = some();
    std::swap(other.rows[0], other.rows[1]);
    std::swap(other.labels[0], other.labels[1]);
    std::swap(other.slices[0], other.slices[1]);
    EXPECT_NE(root_of(other), root);
    EXPECT_EQ(root_of(some()), root);
}

TEST(DatasetRoot, ClassesCountByName)
{
    auto other = some();
    other.labels = {1, 0};
    other.asked.classes = {"dog", "cat"};
    EXPECT_EQ(root_of(other), root_of(some()));
}

TEST(DatasetRoot, NumbersCount)
{
    const auto one = FakeSource::of_numbers({{1}, {2}}, {{3}, {4}}, {1});
    const auto other = FakeSource::of_numbers({{1}, {2}}, {{3}, {5}}, {1});
    EXPECT_NE(root_of(one), root_of(other));
}

}  // namespace
}  // namespace evaluation

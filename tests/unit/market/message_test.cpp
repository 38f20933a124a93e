#include "market/message.hpp"

#include "ledger/base/hex.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <set>

namespace market {
namespace {

template <std::size_t... I>
std::vector<Message> one_of_each(std::index_sequence<I...>)
{
    return {Message{std::in_place_index<I>}...};
}

const auto all = one_of_each(std::make_index_sequence<std::variant_size_v<Message>>{});

TEST(MessageTest, HasItsOwnNumberAndName)
{
    std::set<std::uint16_t> numbers;
    std::set<std::string_view> names;
    for (const auto& message : all) {
        numbers.insert(type_of(message));
        names.insert(name_of(message));
    }
    EXPECT_EQ(numbers.size(), all.size());
    EXPECT_EQ(names.size(), all.size());
}

TEST(MessageTest, ReadsBackItsBinaryAndItsJsonForm)
{
    for (const auto& message : all) {
        EXPECT_EQ(*decode_message(type_of(message), 1, encode_message(message)), message);
        EXPECT_EQ(*message_from_json(message_json(message)), message) << name_of(message);
    }
}

TEST(MessageTest, RefusesUnknownTypesVersionsAndLongerBodies)
{
    EXPECT_EQ(decode_message(9999, 1, {}).error().detail, "unknown message type 9999");
    EXPECT_EQ(decode_message(1, 2, {}).error().detail, "unknown message version 2");
    auto body = encode_message(Transfer{});
    body.push_back(0);
    EXPECT_EQ(decode_message(1, 1, body).error().detail, "Transfer: bytes left over at byte 28");
}

TEST(MessageTest, IsSignedAsTypedDataNamedAfterTheMessage)
{
    using ledger::Envelope;
    EXPECT_EQ(ledger::eip712::type_string<Envelope<Transfer>>(),
              "MillraceTransfer(address sender,uint32 lane,uint64 nonce,uint64 fee,"
              "uint64 validUntil,Transfer message)Transfer(address to,uint64 amount)");
}

TEST(MessageTest, HasAnotherTransactionIdOnAnotherChain)
{
    const auto envelope = make_transaction({}, {0}, {1}, Amount::micros(1), 0, Transfer{});
    const ledger::eip712::Domain here{"Millrace", "1", {1}, {}, Hash{}};
    const ledger::eip712::Domain there{"Millrace", "1", {2}, {}, Hash{}};
    EXPECT_NE(transaction_id(here.separator(), envelope, Transfer{}),
              transaction_id(there.separator(), envelope, Transfer{}));
}

TEST(SplitAddressTest, DependsOnModelVersionAndHost)
{
    ModelId model;
    Address host;
    const auto base = split_address(model, {1}, host);
    EXPECT_NE(base, split_address(model, {2}, host));
    host.bytes[0] = 1;
    EXPECT_NE(base, split_address(model, {1}, host));
    model.bytes[0] = 1;
    EXPECT_NE(base, split_address(model, {1}, Address{}));
}

}  // namespace
}  // namespace market

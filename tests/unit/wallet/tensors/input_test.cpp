#include "wallet/tensors/input.hpp"

#include "tests/support/png_file.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdio>  // before jpeglib.h, which wants FILE

#include <jpeglib.h>

#include <cstdlib>
#include <cstring>

namespace wallet {
namespace {

using inference::DataType;
using inference::ModelIo;
using inference::Tensor;
using inference::TensorSpec;
using ledger::Bytes;
using nlohmann::json;
using samples::png;

Bytes jpeg(unsigned side, std::uint8_t red, std::uint8_t green, std::uint8_t blue)
{
    jpeg_compress_struct info{};
    jpeg_error_mgr errors{};
    info.err = jpeg_std_error(&errors);
    jpeg_create_compress(&info);
    unsigned char* out = nullptr;
    unsigned long size = 0;
    jpeg_mem_dest(&info, &out, &size);
    info.image_width = side;
    info.image_height = side;
    info.input_components = 3;
    info.in_color_space = JCS_RGB;
    jpeg_set_defaults(&info);
    jpeg_start_compress(&info, TRUE);
    std::vector<std::uint8_t> row;
    for (unsigned x = 0; x < side; ++x) row.insert(row.end(), {red, green, blue});
    while (info.next_scanline < side) {
        JSAMPROW line = row.data();
        jpeg_write_scanlines(&info, &line, 1);
    }
    jpeg_finish_compress(&info);
    jpeg_destroy_compress(&info);
    Bytes file(out, out + size);
    std::free(out);
    return file;
}

std::vector<float> floats(const Tensor& tensor)
{
    std::vector<float> values(tensor.data.size() / 4);
    std::memcpy(values.data(), tensor.data.data(), tensor.data.size());
    return values;
}

ModelIo one_input(DataType type, std::vector<std::int64_t> shape)
{
    return {{{"image", type, std::move(shape)}}, {}};
}

Bytes npy(const std::string& header, const Bytes& data)
{
    Bytes file{0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};
    const auto text = header + "\n";
    file.push_back(static_cast<std::uint8_t>(text.size() & 0xff));
    file.push_back(static_cast<std::uint8_t>(text.size() >> 8));
    ledger::append(file, ledger::as_bytes(text));
    ledger::append(file, data);
    return file;
}

TEST(Pictures, AreScaledByAreaToTheInput)
{
    const auto file = png(4, 4, {255, 255, 0, 0, 255, 255, 0, 0, 0, 0, 0, 255, 0, 0, 255, 0});
    const auto made = tensors_from(file, one_input(DataType::FP32, {-1, 1, 2, 2}));
    ASSERT_TRUE(made) << made.error().detail;
    const auto& tensor = made->front();
    EXPECT_EQ(tensor.shape, (std::vector<std::int64_t>{1, 1, 2, 2}));
    EXPECT_EQ(floats(tensor), (std::vector<float>{1.0F, 0.0F, 0.0F, 0.5F}));
}

TEST(Pictures, FillFlatAndUnbatchedInputsToo)
{
    const auto file = png(2, 2, {0, 51, 102, 255});
    const std::vector<float> grey{0.0F, 0.2F, 0.4F, 1.0F};
    for (const auto& shape : std::vector<std::vector<std::int64_t>>{
             {-1, 4}, {1, 2, 2}, {-1, 2, 2}, {1, 2, 2, 1}, {-1, 1, -1, -1}}) {
        const auto made = tensors_from(file, one_input(DataType::FP32, shape));
        ASSERT_TRUE(made) << made.error().detail;
        EXPECT_EQ(floats(made->front()), grey) << inference::to_text(shape);
    }
    const auto inverted =
        tensors_from(file, one_input(DataType::FP32, {-1, 4}), {.name = "", .invert = true});
    EXPECT_FLOAT_EQ(floats(inverted->front())[3], 0.0F);
}

TEST(Pictures, KeepColoursApartAsTheInputWantsThem)
{
    const auto file = png(1, 2, {255, 0, 51, 0, 255, 102}, PNG_FORMAT_RGB);
    const auto planes = tensors_from(file, one_input(DataType::FP32, {1, 3, 2, 1}));
    ASSERT_TRUE(planes) << planes.error().detail;
    EXPECT_EQ(floats(planes->front()), (std::vector<float>{1.0F, 0.0F, 0.0F, 1.0F, 0.2F, 0.4F}));
    const auto pixels = tensors_from(file, one_input(DataType::UINT8, {-1, 2, 1, 3}));
    ASSERT_TRUE(pixels) << pixels.error().detail;
    EXPECT_EQ(pixels->front().data, (Bytes{255, 0, 51, 0, 255, 102}));
}

TEST(Pictures, MayBeJpeg)
{
    const auto made = tensors_from(jpeg(16, 200, 100, 0), one_input(DataType::FP32, {1, 3, 2, 2}));
    ASSERT_TRUE(made) << made.error().detail;
    const auto values = floats(made->front());
    ASSERT_EQ(values.size(), 12u);
    EXPECT_NEAR(values[0], 200.0F / 255, 0.02F);
    EXPECT_NEAR(values[4], 100.0F / 255, 0.02F);
    EXPECT_NEAR(values[8], 0.0F, 0.02F);
}

TEST(Pictures, AreRefusedWhenBroken)
{
    auto file = png(2, 2, {1, 2, 3, 4});
    file.resize(file.size() / 2);
    EXPECT_FALSE(tensors_from(file, one_input(DataType::FP32, {-1, 4})));
    auto cut = jpeg(16, 1, 2, 3);
    cut.resize(30);
    EXPECT_FALSE(tensors_from(cut, one_input(DataType::FP32, {1, 3, 2, 2})));
}

TEST(Pictures, AreNoInputOfOtherShapes)
{
    const auto file = png(2, 2, {1, 2, 3, 4});
    for (const auto& shape : std::vector<std::vector<std::int64_t>>{{-1, 5}, {4}, {1, 2, 2, 2}})
        EXPECT_FALSE(tensors_from(file, one_input(DataType::FP32, shape)));
    EXPECT_FALSE(tensors_from(file, one_input(DataType::INT64, {-1, 4})));
}

TEST(Npy, IsTakenAsItIs)
{
    const std::vector<float> values{1.5F, -2.0F};
    Bytes data(8);
    std::memcpy(data.data(), values.data(), 8);
    const auto file = npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", data);
    const auto made = tensors_from(file, one_input(DataType::FP32, {-1, 2}));
    ASSERT_TRUE(made) << made.error().detail;
    EXPECT_EQ(made->front().shape, (std::vector<std::int64_t>{1, 2}));
    EXPECT_EQ(floats(made->front()), values);
}

TEST(Npy, NarrowsDoublesForAModelOfFloats)
{
    const double value = 0.25;
    Bytes data(8);
    std::memcpy(data.data(), &value, 8);
    const auto file = npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1, 1), }", data);
    const auto made = tensors_from(file, one_input(DataType::FP32, {-1, 1}));
    ASSERT_TRUE(made) << made.error().detail;
    EXPECT_EQ(floats(made->front()), std::vector{0.25F});
}

TEST(Npy, IsRefusedWhenItsHeaderAndBytesDisagree)
{
    const auto io = one_input(DataType::FP32, {-1, 2});
    const Bytes data(8);
    for (const auto* header :
         {"{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }",
          "{'descr': '<f4', 'fortran_order': True, 'shape': (2,), }",
          "{'descr': '>f4', 'fortran_order': False, 'shape': (2,), }",
          "{'descr': '|O', 'fortran_order': False, 'shape': (2,), }",
          "{'descr': '<f4', 'fortran_order': False, 'shape': (-2,), }",
          "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }", "{}"})
        EXPECT_FALSE(tensors_from(npy(header, data), io)) << header;
    EXPECT_FALSE(tensors_from(Bytes{0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, 0xff, 0xff, 0, 0}, io));
}

/// 28 * 28 numbers of 0 to 255 as npy of that type and shape.
template <class Number>
Bytes pixels_npy(const std::string& descr, const std::string& shape)
{
    Bytes data;
    for (int i = 0; i < 28 * 28; ++i) {
        const auto pixel = static_cast<Number>(i % 256);
        std::uint8_t bytes[sizeof pixel];
        std::memcpy(bytes, &pixel, sizeof pixel);
        ledger::append(data, bytes);
    }
    return npy("{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }",
               data);
}

void expect_pixels(const ledger::Result<std::vector<Tensor>>& made,
                   const std::vector<std::int64_t>& shape)
{
    ASSERT_TRUE(made) << made.error().detail;
    EXPECT_EQ(made->front().shape, shape);
    EXPECT_EQ(made->front().type, DataType::FP32);
    const auto values = floats(made->front());
    ASSERT_EQ(values.size(), 784u);
    for (std::size_t i = 0; i < values.size(); ++i)
        ASSERT_EQ(values[i], static_cast<float>(i % 256)) << i;
}

TEST(Npy, TakesTheShapeOfOneItemWhereItsElementsKeepTheirOrder)
{
    const auto fits = [](const std::string& shape, std::vector<std::int64_t> spec,
                         const std::vector<std::int64_t>& wanted) {
        SCOPED_TRACE(shape + " for " + inference::to_text(spec));
        expect_pixels(tensors_from(pixels_npy<float>("<f4", shape),
                                   one_input(DataType::FP32, std::move(spec))),
                      wanted);
    };
    fits("(28, 28)", {-1, 1, 28, 28}, {1, 1, 28, 28});
    fits("(28, 28)", {-1, 1, -1, -1}, {1, 1, 28, 28});
    fits("(28, 28)", {1, 28, 28, 1}, {1, 28, 28, 1});
    fits("(28, 28)", {-1, 784}, {1, 784});
    fits("(1, 28, 28, 1)", {-1, 1, 28, 28}, {1, 1, 28, 28});
    fits("(28, 28, 1)", {-1, 1, 28, 28}, {1, 1, 28, 28});
    fits("(28, 28, 1)", {-1, 28, 28}, {1, 28, 28});
    fits("(784,)", {-1, 1, 28, 28}, {1, 1, 28, 28});
    fits("(1, 784)", {-1, 28, 28}, {1, 28, 28});
    fits("(4, 14, 14)", {-1, 784}, {1, 784});
    fits("(4, 196)", {-1, 196}, {4, 196});
}

TEST(Npy, IsRefusedWhereItsElementsMightChangePlaces)
{
    const auto refused = [](const std::string& shape, std::vector<std::int64_t> spec,
                            const std::string& why) {
        const auto made = tensors_from(pixels_npy<float>("<f4", shape),
                                       one_input(DataType::FP32, std::move(spec)));
        ASSERT_FALSE(made) << shape;
        EXPECT_EQ(made.error().detail, "the npy file cannot be used: 'image' has shape " + why);
    };
    refused("(14, 14, 4)", {-1, 4, 14, 14}, "[14,14,4], the model takes [-1,4,14,14]");
    refused("(14, 56)", {-1, 1, 28, 28}, "[14,56], the model takes [-1,1,28,28]");
    refused("(784,)", {-1, -1, -1, 1}, "[784], the model takes [-1,-1,-1,1]");
    refused("(784,)", {-1, 1, 28, 27}, "[784], the model takes [-1,1,28,27]");
    refused("(784, 1)", {-1, 784}, "[784,1], the model takes [-1,784]");
    refused("(4, 196)", {-1, 14, 14}, "[4,196], the model takes [-1,14,14]");
    refused("(784,)", {-1, 1LL << 62, 1LL << 62},
            "[784], the model takes "
            "[-1,4611686018427387904,4611686018427387904]");
}

TEST(Npy, KeepsTheNumbersOfIntegersForAModelOfFloats)
{
    const auto io = one_input(DataType::FP32, {-1, 1, 28, 28});
    const std::vector<std::int64_t> shape{1, 1, 28, 28};
    const std::string own = "(28, 28)";
    expect_pixels(tensors_from(pixels_npy<std::uint8_t>("|u1", own), io), shape);
    expect_pixels(tensors_from(pixels_npy<std::int16_t>("<i2", own), io), shape);
    expect_pixels(tensors_from(pixels_npy<std::uint32_t>("<u4", own), io), shape);
    expect_pixels(tensors_from(pixels_npy<std::int64_t>("<i8", own), io), shape);
    expect_pixels(tensors_from(pixels_npy<double>("<f8", own), io), shape);
}

template <class Number>
Bytes pair_npy(const std::string& descr, Number first, Number second)
{
    Bytes data(2 * sizeof first);
    std::memcpy(data.data(), &first, sizeof first);
    std::memcpy(data.data() + sizeof first, &second, sizeof second);
    return npy("{'descr': '" + descr + "', 'fortran_order': False, 'shape': (2,), }", data);
}

TEST(Npy, TakesIntegersOfAnotherWidthWhereEachStaysWhatItIs)
{
    const auto made =
        tensors_from(pair_npy<std::uint8_t>("|u1", 7, 255), one_input(DataType::INT64, {-1, 2}));
    ASSERT_TRUE(made) << made.error().detail;
    std::int64_t values[2];
    ASSERT_EQ(made->front().data.size(), sizeof values);
    std::memcpy(values, made->front().data.data(), sizeof values);
    EXPECT_EQ(values[0], 7);
    EXPECT_EQ(values[1], 255);
    EXPECT_TRUE(
        tensors_from(pair_npy<std::int64_t>("<i8", 7, -8), one_input(DataType::INT32, {-1, 2})));
    EXPECT_TRUE(tensors_from(pair_npy<std::int64_t>("<i8", 1LL << 24, -(1LL << 24)),
                             one_input(DataType::FP32, {-1, 2})));
    EXPECT_TRUE(tensors_from(pair_npy<std::uint16_t>("<f2", 0x3c00, 0x4000),
                             one_input(DataType::FP32, {-1, 2})));
}

TEST(Npy, IsRefusedWhereANumberWouldBecomeAnother)
{
    const auto refused = [](const Bytes& file, DataType type, const std::string& why) {
        const auto made = tensors_from(file, one_input(type, {-1, 2}));
        ASSERT_FALSE(made) << why;
        EXPECT_EQ(made.error().detail, "the npy file cannot be used: " + why);
    };
    refused(pair_npy<std::int32_t>("<i4", 0, (1 << 24) + 1), DataType::FP32,
            "its element 1 is no number that FP32 can hold as it is");
    refused(pair_npy<std::int64_t>("<i8", (1LL << 53) + 1, 0), DataType::FP64,
            "its element 0 is no number that FP64 can hold as it is");
    refused(pair_npy<std::int64_t>("<i8", 0, 256), DataType::UINT8,
            "its element 1 is no number that UINT8 can hold as it is");
    refused(pair_npy<std::int64_t>("<i8", 1, 2), DataType::BOOL,
            "its element 1 is no number that BOOL can hold as it is");
    refused(pair_npy<float>("<f4", 1, 2), DataType::INT64,
            "'image' is FP32, the model takes INT64");
    refused(pair_npy<std::uint8_t>("|u1", 1, 2), DataType::FP16,
            "'image' is UINT8, the model takes FP16");
}

TEST(JsonInput, MayBeOneLongListForAPicture)
{
    json list = json::array();
    for (int i = 0; i < 784; ++i) list.push_back(i % 256);
    const auto io = one_input(DataType::FP32, {-1, 1, 28, 28});
    for (const auto& text : {list.dump(), json{{"image", list}}.dump()})
        expect_pixels(tensors_from(ledger::as_bytes(text), io), {1, 1, 28, 28});
    list.push_back(0);
    const auto longer = list.dump();
    EXPECT_EQ(tensors_from(ledger::as_bytes(longer), io).error().detail,
              "input 'image' has shape [785], the model takes [-1,1,28,28]");
}

TEST(JsonInput, IsRefusedWhereItsListsAreUneven)
{
    const auto io = one_input(DataType::FP32, {-1, 4});
    for (const std::string text : {"[[1,2,3],[4]]", "[[1,2],[3,[4]]]", "[1,[2,3,4]]", "[[1],2,3,4]",
                                   "[[1,2],3,4]", "[[],[1,2,3,4]]", "[[],1]"})
        EXPECT_EQ(tensors_from(ledger::as_bytes(text), io).error().detail,
                  "the lists for the input image are not all of the same length and depth")
            << text;
}

TEST(JsonInput, MayBeARequestAnObjectOrAnArray)
{
    const auto io = one_input(DataType::FP32, {-1, 2});
    for (const std::string text :
         {R"([[0.5, 1]])", R"([0.5, 1])", R"({"image": [[0.5, 1]]})",
          R"({"inputs":[{"name":"image","datatype":"FP32","shape":[1,2],"data":[0.5,1]}]})"}) {
        const auto made = tensors_from(ledger::as_bytes(text), io);
        ASSERT_TRUE(made) << text << ": " << made.error().detail;
        EXPECT_EQ(floats(made->front()), (std::vector<float>{0.5F, 1.0F}));
    }
    for (const std::string text :
         {"", "[", "[1]", "[[1],[2]]", R"({"other": [1, 2]})", R"(["a","b"])"})
        EXPECT_FALSE(tensors_from(ledger::as_bytes(text), io)) << text;
}

}  // namespace
}  // namespace wallet

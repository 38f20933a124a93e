#include "tests/support/temporary_folder.hpp"
#include "tests/unit/samples/opening.hpp"

#include <fstream>

namespace samples {
namespace {

using inference::DataType;

const ledger::Bytes two_images = idx(0x08, {2, 1, 2}, {0, 255, 51, 102});
const ledger::Bytes two_labels = idx(0x08, {2}, {3, 1});

std::vector<Item> digits()
{
    return {{"train-images-idx3-ubyte", two_images}, {"train-labels-idx1-ubyte", two_labels}};
}

TEST(OpenIdx, FindsImagesAndTheirLabels)
{
    const auto source = open(of_items(digits()), model_of(DataType::FP32, {-1, 1, 1, 2}));
    ASSERT_TRUE(source) << source.error().detail;
    EXPECT_EQ((*source)->size(), 2u);
    EXPECT_EQ((*source)->inputs()[0].shape, (Shape{1, 1, 2}));
    EXPECT_EQ((*source)->target().classes, (std::vector<std::string>{"0", "1", "2", "3"}));
    EXPECT_EQ((*source)->label(1), 1);
    const auto second = read_one(**source, 1);
    ASSERT_TRUE(second) << second.error().detail;
    EXPECT_EQ(second->floats(), (std::vector<float>{0.2F, 0.4F}));
    EXPECT_EQ(second->label, 1);
}

TEST(OpenIdx, FindsTheLabelsBesideAFile)
{
    const ledger::TemporaryFolder folder;
    for (const auto& item : digits())
        std::ofstream{folder.path() / item.name, std::ios::binary} << ledger::as_text(item.bytes);
    OpenOptions options;
    options.path = folder.path() / "train-images-idx3-ubyte";
    const auto source = open(options, model_of(DataType::UINT8, {-1, 2}));
    ASSERT_TRUE(source) << source.error().detail;
    EXPECT_EQ((*source)->label(0), 3);
    EXPECT_EQ(read_one(**source, 1)->input, (ledger::Bytes{51, 102}));
    options.labels = (folder.path() / "none").string();
    EXPECT_EQ(open(options, model_of(DataType::UINT8, {-1, 2})).error().kind,
              ledger::ErrorKind::not_found);
}

TEST(OpenIdx, TakesLabelsFromElsewhereOnlyWhereThatMayBe)
{
    const ledger::TemporaryFolder folder;
    for (const auto& item : digits())
        std::ofstream{folder.path() / item.name, std::ios::binary} << ledger::as_text(item.bytes);
    OpenOptions options;
    options.path = folder.path() / "train-images-idx3-ubyte";
    options.labels = (folder.path() / "train-labels-idx1-ubyte").string();
    const auto io = model_of(DataType::UINT8, {-1, 2});
    const auto source = open(options, io);
    ASSERT_TRUE(source) << source.error().detail;
    options.labels_inside = true;
    EXPECT_EQ(why(options, io), "there is no item " + options.labels);
    options.path = folder.path();
    options.labels = "train-labels-idx1-ubyte";
    EXPECT_EQ(why(options, io), "it is opened");
}

TEST(OpenIdx, InvertsAndNormalises)
{
    auto options = of_items(digits());
    options.table.normalise.invert = true;
    EXPECT_EQ(read_one(**open(options, model_of(DataType::UINT8, {-1, 2})), 1)->input,
              (ledger::Bytes{204, 153}));
    options.table.normalise.mean = {0.5};
    options.table.normalise.deviation = {0.5};
    EXPECT_EQ(read_one(**open(options, model_of(DataType::FP32, {-1, 2})), 0)->floats(),
              (std::vector<float>{1, -1}));
    options.table.normalise = {};
    options.table.normalise.scale = 1;
    EXPECT_EQ(read_one(**open(options, model_of(DataType::FP32, {-1, 2})), 0)->floats(),
              (std::vector<float>{0, 255}));
}

TEST(OpenIdx, ReadsNumbersMostSignificantByteFirst)
{
    const auto source = open(of_items({{"x.idx", idx(0x0b, {1, 2}, {1, 0, 0xff, 0xff})}}),
                             model_of(DataType::INT16, {-1, 2}));
    ASSERT_TRUE(source) << source.error().detail;
    EXPECT_EQ((*source)->target().kind, Target::Kind::none);
    EXPECT_EQ(read_one(**source, 0)->input, little<std::int16_t>({256, -1}));
}

TEST(OpenIdx, SaysWhatDoesNotFit)
{
    const auto io = model_of(DataType::FP32, {-1, 2});
    EXPECT_EQ(why(of_items(digits()), model_of(DataType::FP32, {-1, 28, 28})),
              "train-images-idx3-ubyte: each sample is an array of shape [1,2], and the input x "
              "takes [28,28]");
    auto other = digits();
    other[1].bytes = idx(0x08, {3}, {0, 0, 0});
    EXPECT_EQ(why(of_items(other), io), "train-labels-idx1-ubyte has 3 labels for 2 samples");
    other[1].bytes = idx(0x09, {2}, {0, 0xff});
    EXPECT_EQ(why(of_items(other), io),
              "train-labels-idx1-ubyte, sample 1: -1.000000 is no class, which are 0 to 65535");
    auto options = of_items(digits());
    options.table.classes = {"a", "b"};
    EXPECT_EQ(why(options, io),
              "train-labels-idx1-ubyte, sample 0: 3.000000 is no class, which are 0 to 1");
    options = of_items(digits());
    options.limits.file_bytes = 10;
    EXPECT_EQ(open(options, io).error().kind, ledger::ErrorKind::full);
    options = of_items(digits());
    options.limits.samples = 1;
    EXPECT_EQ(open(options, io).error().kind, ledger::ErrorKind::full);
    options = of_items({{"a-idx3-ubyte", two_images}, {"b-idx3-ubyte", two_images}});
    EXPECT_EQ(why(options, io),
              "there are several files of samples, a-idx3-ubyte and b-idx3-ubyte: give one");
    EXPECT_EQ(why(of_items({{"x.idx", idx(0x08, {0, 2}, {})}}), io), "there are no samples");
    options = of_items({{"x.idx", two_images}});
    options.table.target = TargetKind::classes;
    EXPECT_EQ(why(options, io), "there is no file of labels");
    EXPECT_EQ(why(of_items({{"x.idx", two_images}}), model_of(DataType::FP16, {-1, 2})),
              "x.idx is UINT8, and the input x is FP16");
}

ledger::Bytes floats_npy(const std::string& shape, const std::vector<float>& values)
{
    return npy("{'descr': '<f4', 'fortran_order': False, 'shape': (" + shape + ",), }",
               little(values));
}

TEST(OpenNpy, HasClassesWhereLabelsAreWholeAndNumbersOtherwise)
{
    const auto features = floats_npy("2, 2", {1, 2, 3, 4});
    const auto whole = npy("{'descr': '<i8', 'fortran_order': False, 'shape': (2,), }",
                           little<std::int64_t>({1, 0}));
    const auto io = model_of(DataType::FP32, {-1, 2});
    const auto classes = open(of_items({{"x.npy", features}, {"labels.npy", whole}}), io);
    ASSERT_TRUE(classes) << classes.error().detail;
    EXPECT_EQ(read_one(**classes, 0)->label, 1);
    EXPECT_EQ(read_one(**classes, 1)->floats(), (std::vector<float>{3, 4}));

    const auto numbers = open(
        of_items({{"x.npy", features}, {"labels.npy", floats_npy("2, 3", {1, 2, 3, 4, 5, 6})}}),
        io);
    ASSERT_TRUE(numbers) << numbers.error().detail;
    EXPECT_EQ((*numbers)->target().shape, (Shape{3}));
    EXPECT_EQ(read_one(**numbers, 1)->numbers, (std::vector<float>{4, 5, 6}));

    auto named = of_items({{"x.npy", features}, {"y.npy", whole}});
    named.labels = "y.npy";
    named.table.target = TargetKind::numbers;
    const auto forced = open(named, io);
    ASSERT_TRUE(forced) << forced.error().detail;
    EXPECT_EQ(read_one(**forced, 0)->numbers, (std::vector<float>{1}));
}

TEST(OpenNpy, FeedsEachInputFromTheFileOfItsName)
{
    const inference::ModelIo io{
        {{"left", DataType::FP32, {-1, 1}}, {"right", DataType::FP32, {-1, 1}}}, {}};
    const auto source = open(of_items({{"left.npy", floats_npy("2, 1", {1, 2})},
                                       {"right.npy", floats_npy("2, 1", {3, 4})}}),
                             io);
    ASSERT_TRUE(source) << source.error().detail;
    float left = 0, right = 0;
    const std::span<std::uint8_t> places[2] = {{reinterpret_cast<std::uint8_t*>(&left), 4},
                                               {reinterpret_cast<std::uint8_t*>(&right), 4}};
    ASSERT_TRUE((*source)->read(1, {places, nullptr, {}}));
    EXPECT_EQ(left, 2);
    EXPECT_EQ(right, 4);
    EXPECT_EQ(why(of_items({{"left.npy", floats_npy("2, 1", {1, 2})}}), io),
              "there is no right.npy for the input of that name");
    EXPECT_EQ(why(of_items({{"left.npy", floats_npy("2, 1", {1, 2})},
                            {"right.npy", floats_npy("1, 1", {3})}}),
                  io),
              "right.npy has 1 samples, another input 2");
    EXPECT_EQ(why(of_items(digits()), io),
              "the model has 2 inputs: only npy files, NAME.npy for each, feed several");
}

TEST(OpenNpy, SaysWhereANumberDoesNotFit)
{
    const auto source = open(of_items({{"x.npy", floats_npy("2, 1", {1, 1.5F})}}),
                             model_of(DataType::INT64, {-1, 1}));
    ASSERT_TRUE(source) << source.error().detail;
    EXPECT_EQ(read_one(**source, 0)->input, little<std::int64_t>({1}));
    EXPECT_EQ(read_one(**source, 1).error().detail, "x.npy, sample 1: 1.500000 is no INT64");
    EXPECT_EQ(why(of_items({{"x.npy", floats_npy("", {})}}), model_of(DataType::FP32, {-1})),
              "x.npy: the npy file cannot be used: it has not as many bytes as its shape says");
}

TEST(Open, SaysWhichKindsThereAre)
{
    const auto io = model_of(DataType::FP32, {-1, 2});
    auto mixed = digits();
    mixed.push_back({"x.npy", floats_npy("2, 2", {1, 2, 3, 4})});
    EXPECT_EQ(why(of_items(mixed), io), "there are files of several kinds: say which");
    auto chosen = of_items(mixed);
    chosen.kind = *file_kind_named("npy");
    EXPECT_TRUE(open(chosen, io));
    EXPECT_EQ(why(of_items({}), io), "there are no files");
    EXPECT_EQ(why(of_items({{"a", {}}, {"b", {}}}), io),
              "no file is IDX, npy, WAV, PNG, JPEG or CSV by its name");
    EXPECT_EQ(why(of_items({{"a", bytes_of("what")}}), io),
              "a is no IDX, npy, WAV, PNG, JPEG or .csv file");
    EXPECT_TRUE(open(of_items({{"a", two_images}}), io));
    auto options = of_items(digits());
    options.input = "z";
    EXPECT_EQ(why(options, io), "the model has no input named z");
    EXPECT_FALSE(file_kind_named("zip"));
}

}  // namespace
}  // namespace samples

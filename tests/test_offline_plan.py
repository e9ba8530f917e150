"""What everyday requests are planned as: a table of requests and plans, and promises that hold for any request."""

# ruff: noqa: E501  (a request is a row of a table)

import itertools
import subprocess
import sys
import time
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hugginggpt.controllers.offline.controller import OfflineController
from hugginggpt.flow.artifact import Audio, Blob, Document, Image, Part, Table, Text, Video
from hugginggpt.flow.event import PlanMade, RequestReceived, RunId, TaskPlanned
from hugginggpt.flow.kinds import Kind, Kinds, builtin_kinds
from hugginggpt.flow.plan import Plan, Ref, Task
from hugginggpt.flow.request import Request, Turn
from hugginggpt.flow.run import Run
from hugginggpt.ports import ReplyDelta

KINDS = builtin_kinds()
_number = itertools.count()

SHORT = {
    "ocr": "image-to-text",
    "asr": "automatic-speech-recognition",
    "tts": "text-to-speech",
    "sum": "summarization",
    "tr": "translation",
    "sent": "text-classification",
    "qa": "question-answering",
    "dqa": "document-question-answering",
    "vqa": "visual-question-answering",
    "canny": "canny-control",
    "t2i": "text-to-image",
    "t2v": "text-to-video",
    "music": "text-to-audio",
    "gen": "text-generation",
    "seg": "image-segmentation",
    "det": "object-detection",
    "depth": "depth-estimation",
    "i2i": "image-to-image",
    "edit": "image-text-to-image",
    "i2v": "image-to-video",
    "pose": "openpose-control",
    "a2a": "audio-to-audio",
    "acls": "audio-classification",
    "ner": "token-classification",
    "fill": "fill-mask",
    "sim": "sentence-similarity",
    "zs": "zero-shot-classification",
    "tqa": "table-question-answering",
    "chat": "conversational",
    "t3d": "text-to-3d",
    "fc": "time-series-forecasting",
    "zsi": "zero-shot-image-classification",
    "scrib": "scribble-control",
    "hed": "hed-control",
    "d-canny": "canny-text-to-image",
}

# A request, what is attached (medium, or medium:name), and its plan: kinds in short, each with what feeds it after "<".
# REPLY: answered at once; NOT: not understood; MISSING: says which file or text it needs.
EVERYDAY = (
    ("What does this say?", "image", "ocr"),
    ("what's written on this sign?", "image", "ocr"),
    ("whats it say", "image", "ocr"),
    ("Read the text in this screenshot", "image", "ocr"),
    ("can u read what is on this poster pls", "image", "ocr"),
    ("Extract the text from this photo", "image", "ocr"),
    ("extract all the text", "image", "ocr"),
    ("OCR this", "image", "ocr"),
    ("Please type out the text of this scan", "image", "ocr"),
    ("What words are on the sign?", "image", "ocr"),
    ("Describe this picture", "image", "vqa"),
    ("What's in here?", "image", "ocr"),
    ("what is this", "image", "ocr"),
    ("what's in this picture?", "image", "vqa"),
    ("caption this photo", "image", "vqa"),
    ("What does the letter say?", "image", "ocr"),
    ("Read this", "image", "ocr"),
    ("Read this sign", "image", "ocr"),
    ("Transcribe this letter", "image", "ocr"),
    ("Transcribe this", "audio", "asr"),
    ("pls transcribe", "audio", "asr"),
    ("What is being said in this recording?", "audio", "asr"),
    ("what does she say", "audio", "asr"),
    ("Write down what is said here", "audio", "asr"),
    ("Turn this recording into text", "audio", "asr"),
    ("I need a transcript of this interview", "audio", "asr"),
    ("could you please convert this voice memo to text", "audio", "asr"),
    ("What did he say?", "audio", "asr"),
    ("trascribe the audio", "audio", "asr"),
    ("Give me the words of this memo in writing", "audio", "asr"),
    ("Read this aloud", "text", "tts"),
    ("can u read this out loud", "text", "tts"),
    ("Read it to me", "text", "tts"),
    ("read me this note", "text", "tts"),
    ("say this aloud please", "text", "tts"),
    ("Turn this text into speech", "text", "tts"),
    ("I want to listen to this article", "text", "tts"),
    ("Make an audio version of this article", "text", "tts"),
    ("Say 'happy birthday, Anna'", "", "tts"),
    ("say hello world out loud", "", "tts"),
    ("Read aloud: The train leaves at nine.", "", "tts"),
    ("Speak this text: Good morning everyone.", "", "tts"),
    ("Convert this note to an mp3", "text", "tts"),
    ("Summarise this article", "text", "sum"),
    ("summarize this pls", "text", "sum"),
    ("tl;dr", "text", "sum"),
    ("Give me the main points of this report", "text", "sum"),
    ("What is this article about?", "text", "sum"),
    ("sum this up in two sentences", "text", "sum"),
    ("Shorten this text", "text", "sum"),
    ("Can you give me the gist of this?", "text", "sum"),
    ("Summarise this in three bullet points", "text", "sum"),
    ("what's the key message here, in one sentence", "text", "sum"),
    ("Is this review positive?", "text", "sent"),
    ("Is this review positive or negative?", "text", "sent"),
    ("What's the sentiment of this comment?", "text", "sent"),
    ("Does the writer sound angry?", "text", "sent"),
    ("how does the author feel about the hotel?", "text", "sent"),
    ("Tell me the mood of this letter", "text", "sent"),
    ("Is this customer happy or not?", "text", "sent"),
    ("Is this positive: I loved every minute of it", "", "sent"),
    ("Did they like it?", "text", "sent"),
    ('"The soup was cold." Is that a positive review?', "", "sent"),
    ("When did the bridge open?", "text", "qa"),
    ("Who designed the bridge?", "text", "qa"),
    ("according to the article, how long is the bridge", "text", "qa"),
    ("Can you tell me when it was built?", "text", "qa"),
    ("I'd like to know who paid for it", "text", "qa"),
    ("How much did it cost?", "text", "qa"),
    ("Find out why the bridge was closed", "text", "qa"),
    ("what year was it finished", "text", "qa"),
    ("Where is the bridge?", "text", "qa"),
    ("Question: who built the bridge?", "text", "qa"),
    ("What is the total on this receipt?", "image", "dqa"),
    ("how much did I pay", "image:receipt.png", "dqa"),
    ("Tell me the total", "image:receipt.png", "dqa"),
    ("What's the date on this invoice?", "image", "dqa"),
    ("find the invoice number", "image", "dqa"),
    ("Which shop is this receipt from?", "image", "dqa"),
    ("When is this bill due?", "image", "dqa"),
    ("how much is the VAT?", "image", "dqa"),
    ("What time does the concert start according to this poster?", "image", "dqa"),
    ("What colour is the car?", "image", "vqa"),
    ("How many people are in this photo?", "image", "vqa"),
    ("Is the woman wearing a hat?", "image", "vqa"),
    ("what breed is this dog", "image", "vqa"),
    ("Is the boy in this picture happy?", "image", "vqa"),
    ("Edge map please", "image", "canny"),
    ("Make an edge map of this picture", "image", "canny"),
    ("Show me the edges in this photo", "image", "canny"),
    ("Run canny edge detection on this", "image", "canny"),
    ("find the outlines of this image", "image", "canny"),
    ("detect edges", "image", "canny"),
    ("Transcribe this and tell me whether the speaker is happy", "audio", "asr sent<asr"),
    ("Is the speaker happy?", "audio", "asr sent<asr"),
    ("What is the mood of the speaker in this recording?", "audio", "asr sent<asr"),
    ("does she sound upset", "audio", "asr sent<asr"),
    ("Is this voice message positive or negative?", "audio", "asr sent<asr"),
    ("Summarise this recording", "audio", "asr sum<asr"),
    ("What is this podcast about?", "audio", "asr sum<asr"),
    ("give me the main points of this lecture", "audio", "asr sum<asr"),
    ("Transcribe and summarise this meeting", "audio", "asr sum<asr"),
    ("Transcribe this, then summarise it in two sentences", "audio", "asr sum<asr"),
    ("Who is calling and why?", "audio", "asr qa<asr"),
    ("When is the meeting, according to this voice memo?", "audio", "asr qa<asr"),
    ("Summarise this article in three sentences and read the summary to me", "text", "sum tts<sum"),
    ("Summarise this and read it aloud", "text", "sum tts<sum"),
    ("Read me a summary of this article", "text", "sum tts<sum"),
    ("Give me a spoken summary of this report", "text", "sum tts<sum"),
    ("I'd like to hear a short summary of this", "text", "sum tts<sum"),
    ("Read a two sentence summary out loud", "text", "sum tts<sum"),
    ("Summarise this, but don't read it aloud", "text", "sum"),
    ("Do not summarise, just read it aloud", "text", "tts"),
    ("Read this aloud without summarising it", "text", "tts"),
    ("What does this say? Read it to me.", "image", "ocr tts<ocr"),
    ("Read this sign aloud", "image", "ocr tts<ocr"),
    ("Read the text in this picture out loud", "image", "ocr tts<ocr"),
    ("say what is written here out loud", "image", "ocr tts<ocr"),
    ("Summarise this photo of an article", "image", "ocr sum<ocr"),
    ("Summarise this page and read me the summary", "image", "ocr sum<ocr tts<sum"),
    ("Is the review in this screenshot positive?", "image", "ocr sent<ocr"),
    ("Translate this sign into English", "image", "ocr tr<ocr"),
    ("translate this to french", "text", "tr"),
    ("What does this sign say in English?", "image", "ocr tr<ocr"),
    ("Translate 'good morning' into Spanish", "", "tr"),
    ("Translate good morning to German", "", "tr"),
    ("How do you say thank you in Italian?", "", "tr"),
    ("Translate this into German and read it aloud", "text", "tr tts<tr"),
    ("Summarise this in French", "text", "sum tr<sum"),
    ("Read this aloud in Spanish", "text", "tr tts<tr"),
    ("Transcribe this and translate it to French", "audio", "asr tr<asr"),
    ("What is the total on this receipt, and read the whole receipt to me", "image", "dqa ocr tts<ocr"),
    ("read this receipt and say the total aloud", "image", "dqa tts<dqa"),
    ("Tell me the total of this receipt out loud", "image", "dqa tts<dqa"),
    ("what is the total on this receipt? say it aloud", "image", "dqa tts<dqa"),
    ("Look at this receipt and read the total to me", "image", "dqa tts<dqa"),
    ("Make an edge map of this picture and read the text in it", "image", "canny ocr"),
    ("Read the text on this poster and make an edge map of it", "image", "ocr canny"),
    ("When did the bridge open? Read the answer to me", "text", "qa tts<qa"),
    ("When did the bridge open, and is the article positive?", "text", "qa sent"),
    ("Summarise this and tell me if it is positive", "text", "sum sent"),
    ("Read the summary aloud after summarising this article", "text", "sum tts<sum"),
    ("Before reading it aloud, summarise this", "text", "sum tts<sum"),
    ("Draw a cat", "", "t2i"),
    ("paint me a sunset over the sea", "", "t2i"),
    ("Generate an image of a robot riding a horse", "", "t2i"),
    ("a picture of a cat please, draw it", "", "t2i"),
    ("Create a video of waves on a beach", "", "t2v"),
    ("Compose a short piano melody", "", "music"),
    ("Write a poem about autumn", "", "gen"),
    ("Write a haiku about the sea and read it aloud", "", "gen tts<gen"),
    ("Remove the background", "image", "seg"),
    ("cut out the dog in this photo", "image", "seg"),
    ("Find the objects in this picture", "image", "det"),
    ("What objects are in this photo?", "image", "det"),
    ("Make a depth map of this photo", "image", "depth"),
    ("Make this photo look like a watercolour painting", "image", "i2i"),
    ("Turn this photo into black and white", "image", "i2i"),
    ("Remove the car from this picture", "image", "edit"),
    ("Animate this picture", "image", "i2v"),
    ("Detect the poses of the people in this photo", "image", "pose"),
    ("Remove the noise from this recording", "audio", "a2a"),
    ("What kind of sound is this?", "audio", "acls"),
    ("Who is mentioned in this article?", "text", "ner"),
    ("Find all the names and places in this text", "text", "ner"),
    ("Paris is the [MASK] of France.", "", "fill"),
    ("How similar are 'I am happy' and 'I feel glad'?", "", "sim"),
    ("Is this about sports, politics or science?", "text", "zs"),
    ("What language is this?", "text", "sent"),
    ("Which product sold the most?", "table", "tqa"),
    ("What is the capital of France?", "", "chat"),
    ("transcribe this", "", "MISSING"),
    ("Read the text in this picture", "", "MISSING"),
    ("summarise this", "", "MISSING"),
    ("read this aloud", "", "MISSING"),
    ("thanks!", "", "REPLY"),
    ("what can you do?", "", "REPLY"),
    ("good morning", "", "REPLY"),
    ("help", "", "REPLY"),
    ("hi there", "", "REPLY"),
    ("hello, can you transcribe this?", "audio", "asr"),
    ("qwerty uiop", "", "NOT"),
    ("blah blah blah", "image", "NOT"),
    ("lorem ipsum dolor", "", "NOT"),
    ("asdf", "text", "NOT"),
    ("....", "", "NOT"),
    ("the weather was nice yesterday", "", "NOT"),
    ("Transcribe these recordings", "audio audio", "asr asr"),
    ("What do these say?", "image image", "ocr ocr"),
    ("Summarise each of these articles", "text text", "sum sum"),
    ("Transcribe memo.wav and summarise note.txt", "audio:memo.wav text:note.txt", "asr sum"),
    ("Read the note aloud and tell me what the photo says", "text:note.txt image:photo.png", "tts ocr"),
    ("What does the second picture say?", "image image", "ocr"),
    ("Could you please have a look at this photo and tell me what is written on the board?", "image", "ocr"),
    ("I can't read this handwriting, can you make it out?", "image", "ocr"),
    ("Copy out the words on this label", "image", "ocr"),
    ("what do you see in this image?", "image", "vqa"),
    ("Give me a caption for this photo", "image", "vqa"),
    ("What is happening in this picture?", "image", "vqa"),
    ("i have a voice note here, what is it saying?", "audio", "asr"),
    ("Listen to this and write down every word", "audio", "asr"),
    ("put this recording into words", "audio", "asr"),
    ("Make subtitles for this video", "video", "asr"),
    ("speech to text please", "audio", "asr"),
    ("What was said at the meeting?", "audio", "asr"),
    ("My eyes are tired, read this letter to me please", "text", "tts"),
    ("I want to hear this", "text", "tts"),
    ("Please speak the following: Dinner is ready", "", "tts"),
    ("Convert the text to audio", "text", "tts"),
    ("read out what it says", "text", "tts"),
    ("Read out what it says", "image", "ocr tts<ocr"),
    ("Please read this menu to my grandmother", "image", "ocr tts<ocr"),
    ("turn this scanned letter into an audio file", "image", "ocr tts<ocr"),
    ("Say the text of this sign out loud", "image", "ocr tts<ocr"),
    ("Let me hear what this page says", "image", "ocr tts<ocr"),
    ("Boil this down to two sentences", "text", "sum"),
    ("Make this shorter", "text", "sum"),
    ("Give me an overview of this document", "document", "sum"),
    ("Condense this report to one paragraph", "text", "sum"),
    ("I have no time, what are the key points?", "text", "sum"),
    ("Give me the highlights of this call", "audio", "asr sum<asr"),
    ("What's this voicemail about?", "audio", "asr sum<asr"),
    ("Summarise what is said in the recording and read it aloud", "audio", "asr sum<asr tts<sum"),
    ("Transcribe this memo, summarise it and read the summary to me", "audio", "asr sum<asr tts<sum"),
    ("Is this feedback good or bad?", "text", "sent"),
    ("Sentiment please: The food was delicious", "", "sent"),
    ("Classify the sentiment of 'I hate waiting'", "", "sent"),
    ("How does this text feel, happy or sad?", "text", "sent"),
    ("Was the guest satisfied?", "text", "sent"),
    ("Is he angry in this message?", "audio", "asr sent<asr"),
    ("Transcribe it and say if it sounds positive", "audio", "asr sent<asr"),
    ("Tell me if the person in the recording is annoyed", "audio", "asr sent<asr"),
    ("Summarise this review and tell me whether it's positive or negative", "text", "sum sent"),
    ("how old is the bridge according to this", "text", "qa"),
    ("what does the article say about the architect?", "text", "qa"),
    ("Which city is it in?", "text", "qa"),
    ("Using this text, answer: who opened the bridge?", "text", "qa"),
    ("answer the question 'How tall is it?' from this text", "text", "qa"),
    ("Who wrote it and when?", "text", "qa"),
    ("Read the article and tell me who built the bridge", "text", "qa"),
    ('Find the answer to "when was it built" in this article and read it to me', "text", "qa tts<qa"),
    ("who signed this letter?", "image", "dqa"),
    ("What's the amount due on this invoice?", "image", "dqa"),
    ("what is the phone number on this business card", "image", "dqa"),
    ("How much was the coffee?", "image:receipt.png", "dqa"),
    ("When does this ticket expire?", "image", "dqa"),
    ("Give me the total from this receipt and say it out loud", "image", "dqa tts<dqa"),
    ("Speak the amount due on this bill", "image", "dqa tts<dqa"),
    ("What is the man doing?", "image", "vqa"),
    ("is there a dog in this photo", "image", "vqa"),
    ("what color is her shirt?", "image", "vqa"),
    ("What animal is this?", "image", "vqa"),
    ("Get me the contours of this drawing", "image", "canny"),
    ("Line art from this photo please", "image", "canny"),
    ("Trace the edges of this image, then tell me what is in the picture", "image", "canny vqa"),
    ("Describe this image and read the description aloud", "image", "vqa tts<vqa"),
    ("Describe the picture in German", "image", "vqa tr<vqa"),
    ("What does this letter say? Translate it to English and read it aloud.", "image", "ocr tr<ocr tts<tr"),
    ("Translate this recording to Spanish", "audio", "asr tr<asr"),
    ("Translate this into French, then summarise it", "text", "tr sum<tr"),
    ('Say "good night" in Spanish', "", "tr tts<tr"),
    ("What is the French for 'good evening'?", "", "tr"),
    ("translate the following text from English to German: 'How are you?'", "", "tr"),
    ("Draw a picture of a dog on a skateboard", "", "t2i"),
    ("I'd like an illustration of a dragon", "", "t2i"),
    ("make me a logo for a bakery", "", "t2i"),
    ("Draw a cat and a dog playing chess", "", "t2i"),
    ("Write a short story about a dragon and draw a picture of it", "", "gen t2i<gen"),
    ("Generate some music for a party", "", "music"),
    ("Make a 3D model of a chair", "", "t3d"),
    ("make the sky purple in this photo", "image", "edit"),
    ("Add a hat to the man in this picture", "image", "edit"),
    ("Colorize this old photo", "image", "i2i"),
    ("sharpen this image", "image", "i2i"),
    ("Which instrument is playing?", "audio", "acls"),
    ("clean up the audio", "audio", "a2a"),
    ("Clean up the sound of this recording and transcribe it", "audio", "a2a asr<a2a"),
    ("Forecast the next month of sales", "table", "fc"),
    ("Rewrite this email more politely", "text", "gen"),
    ("Fix the grammar of this text", "text", "gen"),
    ("write a reply to this email", "text", "gen"),
    ("List the people named in the letter", "text", "ner"),
    ("Pull out all the dates", "text", "ner"),
    ("Classify this photo as cat, dog or bird", "image", "zsi"),
    ("compare these two sentences: 'a b c' and 'a b d'", "", "sim"),
    ("What can I do with a photo?", "", "REPLY"),
    ("who are you?", "", "REPLY"),
    ("cheers", "", "REPLY"),
    ("hello there, how are you?", "", "REPLY"),
    ("fjdksl fjdksl fjdks", "", "NOT"),
    ("banana", "image", "NOT"),
    ("the the the", "", "NOT"),
    ("12345", "", "NOT"),
    ("hmm ok", "text", "NOT"),
    ("Make a scribble of this photo", "image", "scrib"),
    ("soft edges of this photo", "image", "hed"),
    ("Turn this photo into a line drawing", "image", "canny"),
    ("Make an edge map of this photo and draw a castle from it", "image", "canny d-canny<canny"),
    ("Don't transcribe it, just tell me whether the speaker is happy", "audio", "asr sent<asr"),
    ("Please, no summary: read the whole article aloud", "text", "tts"),
    ("Read it aloud once you have summarised it", "text", "sum tts<sum"),
    ("First transcribe the recording. Then find out who is speaking.", "audio", "asr qa<asr"),
    ("After transcribing this, tell me whether the speaker is happy", "audio", "asr sent<asr"),
    ("Tell me whether the speaker is happy after transcribing this", "audio", "asr sent<asr"),
    (
        "I have attached a photo of a letter from my bank and I would really like you to read the whole thing aloud to me because I forgot my glasses",
        "image",
        "ocr tts<ocr",
    ),
    (
        "Could you please listen to this voice message from my sister, write down everything that she says and then tell me whether she sounds happy or not?",
        "audio",
        "asr sent<asr",
    ),
    (
        "I am in a hurry this morning so please give me a short summary of this long report in two sentences and read that summary out loud to me",
        "text",
        "sum tts<sum",
    ),
    (
        "Hello! I bought some groceries today and here is a picture of the receipt, can you tell me how much I spent in total?",
        "image",
        "dqa",
    ),
    (
        "Please have a look at the attached review which one of our guests wrote last week and tell me if it is positive or negative",
        "text",
        "sent",
    ),
    (
        "This is an article about the old bridge in our town, I would like to know in which year it was opened to the public",
        "text",
        "qa",
    ),
    (
        "I would like to have an edge map of this picture for my drawing class, and could you also read the text that is printed on it",
        "image",
        "canny ocr",
    ),
    (
        "Write a short story about a dragon and a knight for my two kids, and then read the story aloud to them in the evening",
        "",
        "gen tts<gen",
    ),
    (
        "Draw a picture of an old sailing ship on a stormy sea under a full moon with a lighthouse far away on the horizon",
        "",
        "t2i",
    ),
    (
        "Transcribe the file memo.wav that I attached to this message and then give me a summary of it in three sentences",
        "audio:memo.wav",
        "asr sum<asr",
    ),
    (
        "Please read receipt.png for me, tell me what the total on it is, and say the total out loud so that my father can hear it",
        "image:receipt.png",
        "dqa tts<dqa",
    ),
    (
        "Here are photo.png and note.txt, please read the note aloud and tell me what text can be seen on the photo",
        "text:note.txt image:photo.png",
        "tts ocr",
    ),
    (
        "My grandmother left me a voicemail and I cannot listen to it at work, please turn it into text and summarise it for me",
        "audio",
        "asr sum<asr",
    ),
    (
        "I took a photo of a sign in Berlin yesterday and I don't speak German, please tell me what it says and translate it into English",
        "image",
        "ocr tr<ocr",
    ),
    (
        "Is the following review good or bad, and could you please explain to me why you think so? Review: The food was great but the service was terribly slow.",
        "",
        "sent",
    ),
    ("Hey, mind telling me what's printed on this tin?", "image", "ocr"),
    ("Would you read the shopping list in this snapshot to me?", "image", "ocr tts<ocr"),
    ("Pull the wording off this flyer", "image", "ocr"),
    ("please jot down everything said in this clip", "audio", "asr"),
    ("i need this voicemail typed up", "audio", "asr"),
    ("Does the caller sound cross?", "audio", "asr sent<asr"),
    ("Let me hear this letter", "text", "tts"),
    ("Could you narrate this story for my son?", "text", "tts"),
    ("give me this note as an audio file", "text", "tts"),
    ("Make this a lot shorter please", "text", "sum"),
    ("What are the most important points in here?", "text", "sum"),
    ("Two-line summary of this, spoken please", "text", "sum tts<sum"),
    ("A quick recap of the meeting recording", "audio", "asr sum<asr"),
    ("Was the reviewer pleased with the hotel?", "text", "sent"),
    ("Tell me if this comment is favourable: 'Best pizza in town!'", "", "sent"),
    ("In which year was the bridge finished?", "text", "qa"),
    ("How tall are its towers?", "text", "qa"),
    ("what's the name of the architect", "text", "qa"),
    ("What did the plumber charge?", "image:invoice.png", "dqa"),
    ("Which date is printed on the ticket?", "image", "dqa"),
    ("Check the amount due on this bill and say it out loud", "image", "dqa tts<dqa"),
    ("Let me know how much tax was paid", "image:receipt.jpg", "dqa"),
    ("Is there a bicycle in the picture?", "image", "vqa"),
    ("What is the girl holding?", "image", "vqa"),
    ("I want the outlines of this photo only", "image", "canny"),
    ("Produce a canny edge picture and also tell me what the sign says", "image", "canny ocr"),
    ("Paint a snowy village at night", "", "t2i"),
    ("Could you come up with a picture of a purple elephant?", "", "t2i"),
    ("Put this into Spanish", "text", "tr"),
    ("What does this menu say? Put it into English please.", "image", "ocr tr<ocr"),
    ("First summarise the article, after that speak the summary", "text", "sum tts<sum"),
    ("Say the following out loud: The meeting starts at noon", "", "tts"),
    ("Transcribe the interview and give me the key points", "audio", "asr sum<asr"),
    ("Transcribe the call, find out when the delivery comes", "audio", "asr qa<asr"),
    ("no transcription needed, just a summary of the recording", "audio", "asr sum<asr"),
    ("Cheers, that was great!", "", "REPLY"),
    ("hiya", "", "REPLY"),
    ("what are you able to do?", "", "REPLY"),
    ("zxcv bnm", "audio", "NOT"),
    ("purple monkey dishwasher", "", "NOT"),
    ("Kindly tell me what is on this blackboard", "image", "ocr"),
    ("can you decipher the handwriting on this postcard", "image", "ocr"),
    ("What's the wording of this notice?", "image", "ocr"),
    ("I would like this label read aloud", "image", "ocr tts<ocr"),
    ("Read everything on this page to me slowly", "image", "ocr tts<ocr"),
    ("Turn what is said here into text", "audio", "asr"),
    ("Could I get the lecture in writing?", "audio", "asr"),
    ("Is my boss angry in this voice message?", "audio", "asr sent<asr"),
    ("write down the recording & tell me if it's positive", "audio", "asr sent<asr"),
    ("Voice this text for me", "text", "tts"),
    ("Please read me the letter", "text", "tts"),
    ("make an audiobook of this chapter", "text", "tts"),
    ("Announce: lunch is ready!", "", "tts"),
    ("In a nutshell, what does this say?", "text", "sum"),
    ("Cut this down to three sentences", "text", "sum"),
    ("bullet point summary pls", "text", "sum"),
    ("summarize and speak it", "text", "sum tts<sum"),
    ("Please sum up this podcast and read the summary aloud", "audio", "asr sum<asr tts<sum"),
    ("Would you say this review is negative?", "text", "sent"),
    ("Tell me how the customer feels", "text", "sent"),
    ("'What a waste of money' - positive or negative?", "", "sent"),
    ("who is the author of this piece", "text", "qa"),
    ("Does the text say how long the bridge is?", "text", "qa"),
    ("Tell me why they built the bridge, and read your answer out", "text", "qa tts<qa"),
    ("What do I owe?", "image:invoice.jpg", "dqa"),
    ("When was this receipt issued?", "image", "dqa"),
    ("Find the grand total and read it to me", "image:receipt.png", "dqa tts<dqa"),
    ("What is written here and what is the date on it?", "image", "ocr dqa"),
    ("how many dogs are there", "image", "vqa"),
    ("What kind of hat is he wearing?", "image", "vqa"),
    ("Trace the outline of this logo", "image", "canny"),
    ("edges of this + text of this", "image", "canny ocr"),
    ("Sketch a lighthouse in a storm", "", "t2i"),
    ("I'd love a painting of two foxes", "", "t2i"),
    ("Translate the speech into German", "audio", "asr tr<asr"),
    ("Read this note out loud in French", "text", "tr tts<tr"),
    ("good evening!", "", "REPLY"),
    ("what's this program for?", "", "REPLY"),
    ("flurb the wug", "image", "NOT"),
    ("Read what is written here", "image", "ocr"),
    ("Please narrate the attached letter", "text", "tts"),
    ("what is being discussed in this recording, briefly", "audio", "asr sum<asr"),
    ("which street is the shop on?", "image:receipt.png", "dqa"),
    ("how much tip did we leave", "image:bill.jpg", "dqa"),
    ("is the guest pleased with the room?", "text", "sent"),
    ("get me the words off this menu and speak them", "image", "ocr tts<ocr"),
    ("Write out this dictation", "audio", "asr"),
    ("I want the gist of this, read to me", "text", "sum tts<sum"),
    ("who won the match?", "text", "qa"),
    ("Does the letter mention a deadline?", "text", "qa"),
    ("Detect the edges in this photo and describe the photo", "image", "canny vqa"),
    ("say the date on this ticket out loud", "image", "dqa tts<dqa"),
    ("Transcribe, translate into French and read it aloud", "audio", "asr tr<asr tts<tr"),
    ("I'd like to know if this tweet is negative", "text", "sent"),
    ("Is this message negative: I will never come back", "", "sent"),
    ("What is the phone number on the poster, and make an edge map", "image", "dqa canny"),
    ("condense into one sentence", "text", "sum"),
    ("good afternoon", "", "REPLY"),
    ("plz summarise dis", "text", "sum"),
    ("xyzzy plugh", "text", "NOT"),
    # what stands in a picture, and what a photo shows
    ("What is the error code?", "image", "dqa"),
    ("Why did the backup fail?", "image", "dqa"),
    ("Who is playing?", "image", "dqa"),
    ("What is his name?", "image", "dqa"),
    ("What is the website?", "image", "dqa"),
    ("Who served us?", "image", "dqa"),
    ("What is the service charge?", "image", "dqa"),
    ("How many espressos did we have?", "image", "dqa"),
    ("Are dogs allowed?", "image", "dqa"),
    ("What did I do wrong?", "image", "dqa"),
    ("what animals are in this photo?", "image", "vqa"),
    ("is anyone smiling?", "image", "vqa"),
    ("What is the weather like?", "image", "vqa"),
    ("Is there a lamp in this picture?", "image", "vqa"),
    ("Describe this photo", "image", "vqa"),
    ("What is in this photo?", "image", "vqa"),
    ("What can you see in the picture?", "image", "vqa"),
    ("Describe the picture and read the description aloud", "image", "vqa tts<vqa"),
    ("what text is in this image", "image", "ocr"),
    ("what's on this sign", "image", "ocr"),
    ("waht is the total on this reciept", "image", "dqa"),
    ("waht is the total on this recipt", "image", "dqa"),
    ("sumarize this in two sentances", "text", "sum"),
    ("give me a summery of this peice", "text", "sum"),
    ("read this alound", "image", "ocr tts<ocr"),
    ("transcibe this", "audio", "asr"),
    ("invoice no?", "image", "dqa"),
    ("type out everything written on this card please", "image", "ocr"),
    ("Tell me out loud how much the fine is", "image", "dqa tts<dqa"),
    ("Play the total of the receipt as sound", "image", "dqa tts<dqa"),
    ("summary, 3 bullet points please", "text", "sum"),
    (
        "Summarise the article and tell me whether the review is positive",
        "text:article.txt text:review_bad.txt",
        "sum sent",
    ),
    (
        "Make an edge map of the sign and read the text in the poster",
        "image:shop_sign.png image:jazz_poster.png",
        "canny ocr",
    ),
    (
        "What is the total in invoice.png? And read shop_sign.png to me.",
        "image:invoice.png image:shop_sign.png",
        "dqa ocr tts<ocr",
    ),
    (
        "Summarise the first review and tell me the sentiment of the second",
        "text:review_a.txt text:review_b.txt",
        "sum sent",
    ),
    ("Summarise these articles", "text:article.txt text:bridge.txt", "sum sum"),
    ("What is the total?", "", "MISSING"),
    ("What does shop_sign.png say?", "", "MISSING"),
    ("Read sign.png aloud", "", "MISSING"),
    ("When is the building open?", "image", "dqa"),
    ("Is it raining in the picture?", "image", "vqa"),
    ("What does the menu say and how much is the total on the receipt?", "image:menu.png image:receipt.png", "ocr dqa"),
)


def attached(spec: str) -> Part:
    """One attachment, none like another."""
    medium, _, name = spec.partition(":")
    number = next(_number)
    blob = Blob(sha256=f"{number:064x}", media_type="application/octet-stream", size_bytes=1)
    match medium:
        case "image":
            return Image(blob=blob, width_px=640, height_px=480, name=name or "a.png")
        case "audio":
            return Audio(blob=blob, duration_s=2, sample_rate_hz=16_000, name=name or "a.wav")
        case "video":
            return Video(blob=blob, name=name or "a.mp4")
        case "document":
            return Document(blob=blob, name=name or "a.pdf")
        case "table":
            return Table(blob=blob, name=name or "a.csv")
        case _:
            return Text(text=f"The bridge opened in 1932. It was painted {number} times.", name=name or "note.txt")


async def planned(
    text: str, *files: str | Part, run: Run | None = None, kinds: Kinds = KINDS, history: tuple[Turn, ...] = ()
) -> tuple[list[Task], list[ReplyDelta]]:
    parts = tuple(attached(file) if isinstance(file, str) else file for file in files)
    request = Request(text=text, attachments=parts, history=history)
    made = [item async for item in OfflineController().plan(request, kinds, run=run)]
    tasks = [item for item in made if isinstance(item, Task)]
    replies = [item for item in made if isinstance(item, ReplyDelta)]
    assert len(tasks) + len(replies) == len(made)
    return tasks, replies


def shape(tasks: Sequence[Task]) -> list[str]:
    """The plan in short, in no particular order."""
    short = {kind: code for code, kind in SHORT.items()}
    name = {task.id: short.get(task.kind, task.kind) for task in tasks}
    return sorted(
        name[task.id] + "".join(f"<{feeder}" for feeder in sorted(name[need] for need in task.needs)) for task in tasks
    )


def outcome(tasks: Sequence[Task], replies: Sequence[ReplyDelta]) -> list[str]:
    if tasks:
        return shape(tasks)
    reply = "".join(delta.text for delta in replies)
    if all(delta.understood for delta in replies):
        return ["REPLY"]
    return ["MISSING"] if reply.startswith("For that") else ["NOT"]


def texts(task: Task, slot: str) -> list[str]:
    return [value.text for value in task.inputs.get(slot, ()) if isinstance(value, Text)]


@pytest.mark.parametrize(("request_text", "files", "plan"), EVERYDAY)
async def test_an_everyday_request_is_planned_as_it_is_meant(request_text: str, files: str, plan: str) -> None:
    tasks, replies = await planned(request_text, *files.split())
    assert outcome(tasks, replies) == sorted(plan.split())
    Plan.checked(tasks, KINDS)


async def test_a_quoted_text_is_what_is_judged() -> None:
    (task,), _ = await planned("Is this review positive? Text: 'The room was cold and the staff rude.'")
    assert task.inputs == {"text": (Text(text="The room was cold and the staff rude."),)}


@pytest.mark.parametrize(
    ("request_text", "slot", "text"),
    [
        ("Draw a cat", "prompt", "a cat"),
        ("Draw a cat and a dog playing chess", "prompt", "a cat and a dog playing chess"),
        ("Generate an image of a robot riding a horse", "prompt", "a robot riding a horse"),
        ("say hello world out loud", "text", "hello world"),
        ("Read aloud: The train leaves at nine.", "text", "The train leaves at nine."),
        ("Say 'happy birthday, Anna'", "text", "happy birthday, Anna"),
        ("Translate good morning to German", "text", "good morning"),
        ("Translate 'I don\'t know' into Spanish", "text", "I don't know"),
        ("Is this positive: I loved every minute of it", "text", "I loved every minute of it"),
        ("Summarise this text:\n\nThe Bridge. It opened in 1932.\n\nIt is long. See: page 4.", "text",
         "The Bridge. It opened in 1932.\n\nIt is long. See: page 4."),
        ("“The soup was cold.” Is that a positive review?", "text", "The soup was cold."),
        ("Read this aloud: Dear Anna, the cat's fine.", "text", "Dear Anna, the cat's fine."),
        ("Translate to French: Good morning. Then read it aloud.", "text", "Good morning."),
        ("Read aloud: Dear Bob, it is late. Please translate the letter.", "text",
         "Dear Bob, it is late. Please translate the letter."),
    ],
)  # fmt: skip
async def test_what_is_given_with_the_request_is_taken_as_it_was_written(
    request_text: str, slot: str, text: str
) -> None:
    tasks, _ = await planned(request_text)
    assert texts(tasks[0], slot) == [text]


async def test_the_question_the_wish_and_the_language_go_into_their_slots() -> None:
    (asked,), _ = await planned("When did the bridge open?", "text")
    assert texts(asked, "question") == ["When did the bridge open?"]
    (summary, spoken), _ = await planned("Summarise this article in three sentences and read the summary to me", "text")
    assert texts(summary, "instruction") == ["in three sentences"]
    assert spoken.inputs == {"text": (Ref(task=summary.id, output="text"),)}
    (translated,), _ = await planned("translate this letter from German to english", "text")
    assert texts(translated, "target") == ["English"]
    (sorted_,), _ = await planned("Is this about sports, politics or science?", "text")
    assert texts(sorted_, "labels") == ["sports", "politics", "science"]


async def test_a_fact_that_is_named_becomes_a_question() -> None:
    tasks, _ = await planned("read this receipt and say the total aloud", "image")
    assert [task.kind for task in tasks] == ["document-question-answering", "text-to-speech"]
    assert texts(tasks[0], "question") == ["What is the total?"]


@pytest.mark.parametrize(
    ("request_text", "wish"),
    [
        ("shorten this to 50 words max", "to 50 words max"),
        ("summarise this in one paragraph of at most 40 words", "in one paragraph of at most 40 words"),
        ("summarise this, no more than two sentences", "no more than two sentences"),
        ("summary, 3 bullet points please", "3 bullet points"),
        ("Summarise this. Max 50 words.", "max 50 words"),
        ("cut this to a maximum of 30 words", "to a maximum of 30 words"),
        ("Give me a two-sentence summary", "two-sentence"),
    ],
)
async def test_the_length_that_is_wished_for_is_told_whole(request_text: str, wish: str) -> None:
    (task,), _ = await planned(request_text, "text")
    assert texts(task, "instruction") == [wish]


async def test_what_is_asked_about_a_photo_is_the_question() -> None:
    (task,), _ = await planned("Hello. Please describe this photo", "image")
    assert texts(task, "question") == ["describe this photo"]
    (task, _), _ = await planned("Tell me out loud how much the fine is", "image")
    assert texts(task, "question") == ["How much is the fine?"]
    (task,), _ = await planned("waht is the total on this reciept", "image")
    assert texts(task, "question") == ["What is the total on this receipt?"]


async def test_a_file_is_meant_by_a_word_of_its_name() -> None:
    sign, poster = attached("image:shop_sign.png"), attached("image:jazz_poster.png")
    (edges, read), _ = await planned("Make an edge map of the sign and read the text in the poster", sign, poster)
    assert (edges.inputs, read.inputs) == ({"image": (sign,)}, {"image": (poster,)})
    one, two = attached("text:review_a.txt"), attached("text:review_b.txt")
    (short, mood), _ = await planned("Summarise the first review and tell me the sentiment of the second", one, two)
    assert (short.inputs, mood.inputs) == ({"text": (one,)}, {"text": (two,)})


async def test_a_file_that_is_named_but_not_attached_is_asked_for_by_its_name() -> None:
    _, (reply,) = await planned("Summarise article.txt")
    assert 'hugginggpt run "Summarise article.txt" article.txt' in reply.text


async def test_two_texts_are_compared_as_source_and_sentence() -> None:
    (task,), _ = await planned("How similar are 'I am happy' and 'I feel glad'?")
    assert (texts(task, "source"), texts(task, "sentences")) == (["I am happy"], ["I feel glad"])


async def test_each_file_goes_to_the_task_that_names_it() -> None:
    memo, note = attached("audio:memo.wav"), attached("text:note.txt")
    tasks, _ = await planned("Transcribe memo.wav and summarise note.txt", note, memo)
    assert {task.kind: task.inputs for task in tasks} == {
        "automatic-speech-recognition": {"audio": (memo,)},
        "summarization": {"text": (note,)},
    }


async def test_a_file_can_be_meant_by_its_place() -> None:
    first, second = attached("image:one.png"), attached("image:two.png")
    (task,), _ = await planned("What does the second picture say?", first, second)
    assert task.inputs["image"] == (second,)


async def test_several_files_of_a_medium_become_a_chain_each() -> None:
    tasks, _ = await planned("Transcribe these recordings and summarise each of them", "audio", "audio", "audio")
    assert shape(tasks) == ["asr"] * 3 + ["sum<asr"] * 3


async def test_without_attachments_the_files_of_the_last_turn_are_meant() -> None:
    note = attached("text")
    turn = Turn(request="Summarise this", answer="...", parts=(note,))
    (task,), _ = await planned("now read it aloud", history=(turn,))
    assert (task.kind, task.inputs) == ("text-to-speech", {"text": (note,)})


async def test_what_cannot_be_done_without_a_file_says_which_to_attach() -> None:
    _, (reply,) = await planned("transcribe this")
    assert not reply.understood
    assert "a sound file" in reply.text
    assert 'hugginggpt run "transcribe this" memo.wav' in reply.text


async def test_what_is_not_understood_says_what_can_be_asked_and_invents_no_setting() -> None:
    _, (reply,) = await planned("asdf qwer", "image")
    assert not reply.understood
    assert all(word in reply.text for word in ("transcribe", "Attach files", "LLM", "not part of this version yet"))


async def test_help_lists_what_can_be_done() -> None:
    _, (reply,) = await planned("what can you do?")
    assert reply.understood
    assert "transcribe speech" in reply.text


async def test_a_run_that_was_cut_short_gets_only_the_tasks_that_it_lacks() -> None:
    text, page = "What is the total on this receipt, and read the whole receipt to me", attached("image")
    whole, _ = await planned(text, page)
    request = Request(text=text, attachments=(page,))
    run = Run.of(
        [
            RequestReceived(run=RunId("r"), seq=0, request=request, controller="offline"),
            TaskPlanned(run=RunId("r"), seq=1, task=whole[0]),
        ]
    )
    assert run
    rest, replies = await planned(text, page, run=run)
    assert (rest, replies) == (whole[1:], [])
    complete = run
    for task in rest:
        complete = complete.after(TaskPlanned(run=RunId("r"), seq=complete.seq + 1, task=task))
    complete = complete.after(PlanMade(run=RunId("r"), seq=complete.seq + 1))
    assert await planned(text, page, run=complete) == ([], [])


async def test_the_same_request_gets_the_same_plan() -> None:
    page = attached("image")
    plans = [await planned("Make an edge map of this picture and read the text in it", page) for _ in range(2)]
    assert plans[0] == plans[1]


async def test_nothing_is_planned_that_the_table_of_kinds_lacks() -> None:
    few = Kinds([KINDS[Kind("image-to-text")]])
    tasks, _ = await planned("Read this sign aloud", "image", kinds=few)
    assert [task.kind for task in tasks] == ["image-to-text"]
    tasks, (reply,) = await planned("Draw a cat", kinds=few)
    assert not tasks
    assert not reply.understood


WORDS = st.sampled_from(
    sorted(
        {word for request_text, _, _ in EVERYDAY for word in request_text.split()} | set("':\"⟦⟧\n?.,;") | {"⟦0⟧", "1."}
    )
)
ANY_TEXT = st.one_of(st.text(max_size=300), st.lists(WORDS, max_size=40).map(" ".join))
MEDIA = st.lists(st.sampled_from(["text", "image", "audio", "video", "document", "table"]), max_size=4)


@settings(max_examples=400, deadline=None)
@given(text=ANY_TEXT, media=MEDIA)
async def test_any_request_gets_a_valid_plan_or_a_reply(text: str, media: list[str]) -> None:
    tasks, replies = await planned(text, *media)
    Plan.checked(tasks, KINDS)
    assert bool(tasks) != bool(replies)
    assert all(reply.text for reply in replies)


@pytest.mark.parametrize(
    "text",
    ["summarise this: " + "word " * 20_000, "a" * 100_000, "' " * 50_000, "read " * 20_000, "x:" * 50_000, "the total of " * 8_000],
    ids=lambda text: text[:15],
)  # fmt: skip
async def test_a_very_long_request_is_planned_without_delay(text: str) -> None:
    await planned("Draw a cat")
    began = time.perf_counter()
    await planned(text, "image", "text")
    assert time.perf_counter() - began < 1


async def test_a_plan_takes_a_few_milliseconds() -> None:
    await planned("Draw a cat")
    laps = []
    for request_text, files, _ in EVERYDAY[::5]:
        began = time.perf_counter()
        await planned(request_text, *files.split())
        laps.append(time.perf_counter() - began)
    assert sorted(laps)[len(laps) // 2] < 0.015


def test_importing_the_controller_loads_no_numpy_and_no_tables() -> None:
    code = (
        "import sys; import hugginggpt.controllers.offline.controller; "
        "print([name for name in ('numpy', 'regex', 'sklearn', 'hugginggpt.controllers.offline.phrases') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

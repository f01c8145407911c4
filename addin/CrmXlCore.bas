Attribute VB_Name = "CrmXlCore"
Option Explicit
Option Private Module
' What the worksheet functions and the ribbon share: the way to Python, and texts in Excel's language.
' This file is plain ASCII; texts in Chinese stand in CrmXlTexts as code points.

Private Const UDF_MODULE As String = "crm_xl.excel.udfs"
Private Const FIRST_ERROR As Long = -2146828288

Private mPython As Object        ' kept: XLPy() reads all settings again at each call
Private mMissing As Boolean      ' there is no Python: not to be looked for again in every cell
Private mLastError As String

Public Function CrmCall(ByVal functionName As String, ByVal arguments As Variant) As Variant
    ' One call of a worksheet function. A Python that went away is started again, once.
    Dim attempt As Long
    If mMissing Then
        CrmCall = CVErr(xlErrNA)
        Exit Function
    End If
    On Error GoTo failed
again:
    If mPython Is Nothing Then
        If Not CrmPythonExists() Then
            mMissing = True
            CrmCall = CVErr(xlErrNA)
            Exit Function
        End If
        Set mPython = XLPy()
    End If
    CrmCall = CrmAnswer(mPython.CallUDF(UDF_MODULE, functionName, arguments, Nothing, Nothing))
    Exit Function
failed:
    If attempt = 0 And CrmIsGone(Err.Number) Then
        attempt = 1
        Set mPython = Nothing
        Resume again
    End If
    mLastError = Err.Description
    CrmCall = CVErr(xlErrValue)
End Function

Public Function CrmIsGone(ByVal number As Long) As Boolean
    ' 462, RPC_S_SERVER_UNAVAILABLE, RPC_S_CALL_FAILED, RPC_E_DISCONNECTED: the Python process has ended.
    CrmIsGone = (number = 462 Or number = -2147023174 Or number = -2147023170 Or number = -2147417848)
End Function

Public Function CrmAnswer(ByVal answer As Variant) As Variant
    ' A single cell comes as it is, a single row as a list, everything else as rows.
    Dim row As Long
    Dim column As Long
    If Not IsArray(answer) Then
        CrmAnswer = CrmCell(answer)
        Exit Function
    End If
    If CrmIsFlat(answer) Then
        For column = LBound(answer) To UBound(answer)
            answer(column) = CrmCell(answer(column))
        Next
    Else
        For row = LBound(answer, 1) To UBound(answer, 1)
            For column = LBound(answer, 2) To UBound(answer, 2)
                answer(row, column) = CrmCell(answer(row, column))
            Next
        Next
    End If
    CrmAnswer = answer
End Function

Private Function CrmCell(ByVal content As Variant) As Variant
    ' Whole numbers stand for Excel's errors: every other number is a Double.
    If VarType(content) = vbLong Then
        CrmCell = CVErr(content - FIRST_ERROR)
    Else
        CrmCell = content
    End If
End Function

Private Function CrmIsFlat(ByVal answer As Variant) As Boolean
    Dim last As Long
    On Error Resume Next
    last = UBound(answer, 2)
    CrmIsFlat = (Err.Number <> 0)
End Function

Public Function CrmValue(ByRef argument As Variant) As Variant
    ' Values instead of Range objects: each property of a Range is a trip to the other process.
    ' Value2, because Value rounds cells in a currency format to four decimals.
    Dim cells As Object
    If Not IsObject(argument) Then
        CrmValue = argument
        Exit Function
    End If
    Set cells = argument
    If TypeName(cells) = "Range" Then
        If cells.Rows.Count = cells.Worksheet.Rows.Count Then
            Set cells = CrmUsed(cells)
        End If
        CrmValue = cells.Value2
    Else
        CrmValue = CVErr(xlErrValue)
    End If
End Function

Private Function CrmUsed(ByVal columns As Object) As Object
    ' Whole columns down to the last row that the sheet uses.
    Dim last As Long
    With columns.Worksheet.UsedRange
        last = .Row + .Rows.Count - 1
    End With
    Set CrmUsed = columns.Resize(last)
End Function

Public Function CrmDate1904() As Boolean
    ' Whether the calling workbook counts its dates from 1904.
    On Error Resume Next
    CrmDate1904 = Application.Caller.Worksheet.Parent.Date1904
End Function

Public Function CrmPythonExists() As Boolean
    ' A path that leads nowhere would be noticed only after two minutes.
    Dim python As String
    python = GetConfig("INTERPRETER_WIN", "")
    If python = "" Then Exit Function
    CrmPythonExists = FileExists(python)
End Function

Public Sub CrmRestart()
    mMissing = False
    mLastError = ""
    Set mPython = Nothing
    On Error Resume Next
    KillPy
End Sub

Public Sub CrmRun(ByVal action As String)
    ' An action of the ribbon, in a Python process of its own: calls over the function server end after 90 seconds.
    #If Not Mac Then
        ' a workbook in Protected View is no ActiveWorkbook
        If Not Application.ActiveProtectedViewWindow Is Nothing Then
            CrmTell "protected_view"
            Exit Sub
        End If
    #End If
    If ActiveWorkbook Is Nothing Then
        CrmTell "no_workbook"
        Exit Sub
    End If
    #If Not Mac Then
        If Not CrmPythonExists() Then
            CrmTell "no_python"
            Exit Sub
        End If
    #End If
    Dim calculation As Long
    Dim events As Boolean
    Dim fills As Boolean
    calculation = Application.Calculation
    events = Application.EnableEvents
    fills = Application.AutoCorrect.AutoFillFormulasInLists
    If RunPython(action) <> 0 Then
        ' a Python that was killed has put nothing back
        Application.Calculation = calculation
        Application.EnableEvents = events
        Application.AutoCorrect.AutoFillFormulasInLists = fills
        Application.StatusBar = False
        Application.ScreenUpdating = True
    End If
End Sub

Public Sub CrmTellFailure(ByVal logFile As String)
    ' Python ended with an error: what it printed, or what to do where it was killed and could print nothing.
    Dim printed As String
    On Error Resume Next
    If FileLen(logFile) > 0 Then printed = ReadFile(logFile)
    If printed = "" Then printed = CrmText("killed")
    MsgBox Right$(printed, 900), vbCritical, CrmText("title")
End Sub

Public Sub CrmTell(ByVal key As String)
    MsgBox CrmText(key), vbInformation, CrmText("title")
End Sub

Public Function CrmLastError() As String
    CrmLastError = mLastError
End Function

Public Function CrmChinese() As Boolean
    ' Excel's interface language is Chinese: its primary language is 4.
    Dim language As Long
    On Error Resume Next
    language = Application.LanguageSettings.LanguageID(2)
    CrmChinese = ((language And 1023) = 4)
End Function

Public Function CrmCodes(ByVal text As String) As String
    ' Four hexadecimal digits a character: nothing in it means anything to a command line.
    Dim at As Long
    For at = 1 To Len(text)
        CrmCodes = CrmCodes & Right$("000" & Hex$(AscW(Mid$(text, at, 1)) And 65535), 4)
    Next
End Function

Public Function CrmDecoded(ByVal codes As String) As String
    ' Four hexadecimal digits a character.
    Dim at As Long
    For at = 1 To Len(codes) Step 4
        CrmDecoded = CrmDecoded & ChrW(CLng("&H" & Mid$(codes, at, 4)))
    Next
End Function
